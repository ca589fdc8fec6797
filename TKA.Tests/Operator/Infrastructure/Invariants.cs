using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>
/// The one judge of what must hold whenever the operator has come to rest: invariants I1 to I10. It reads
/// the cluster itself, knows what was asked for (<see cref="SessionWorld.Asked"/>) and which tokens were issued
/// (<see cref="SessionWorld.Tokens"/>), and names what is wrong.
/// </summary>
internal static class Invariants
{
    /// <summary>How long after its end a session may still have access.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>By how much clocks may make a session longer than its validity.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>I1 to I7, I9 and I10 as they stand; empty: nothing is wrong.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(SessionWorld world) => Judge(await ClusterView.ReadAsync(world));

    /// <summary>Waits until nothing is wrong, then restarts and sees that nothing changes (I8).</summary>
    /// <param name="world">The world.</param>
    /// <param name="restart">What restarts operators; <see langword="null"/>: <see cref="SessionWorld.RestartAsync"/>.</param>
    public static async Task HoldAsync(SessionWorld world, Func<Task>? restart = null)
    {
        await SettleAsync(world);
        var changed = await RestartViolationsAsync(world, restart ?? world.RestartAsync);
        await SettleAsync(world);
        Assert.True(changed.Count == 0, string.Join('\n', changed));
    }

    /// <summary>I8 over something that restarts operators: sessions that live through it keep every object as it is.</summary>
    public static async Task<IReadOnlyList<string>> RestartViolationsAsync(SessionWorld world, Func<Task> restart)
    {
        var before = await ClusterView.ReadAsync(world);
        await restart();
        var after = await ClusterView.ReadAsync(world);
        return ChangesOfTheLiving(before, after);
    }

    /// <summary>I1 to I7, I9 and I10 of one moment.</summary>
    public static IReadOnlyList<string> Judge(ClusterView view) =>
    [
        .. NothingWithoutSession(view),
        .. view.Signins.SelectMany(signin => NothingAfterTheEnd(view, signin)),
        .. view.Signins.Where(signin => signin.IsReady()).SelectMany(signin => ReadyMeansReady(view, signin)),
        .. OneIdentityEach(view),
        .. view.Tokens.SelectMany(token => TokenFitsSession(view, token)),
        .. view.TooManyRequests,
        .. ShownAsItIs(view),
        .. view.ShownLate,
    ];

    private static async Task SettleAsync(SessionWorld world)
    {
        IReadOnlyList<string> wrong = [];
        try
        {
            await world.UntilAsync(async () => (wrong = await ViolationsAsync(world)).Count == 0, "the invariants");
        }
        catch (Xunit.Sdk.FailException)
        {
            Assert.Fail(string.Join('\n', wrong));
        }
    }

    private static IEnumerable<string> NothingWithoutSession(ClusterView view)
    {
        var living = view.Signins.Select(signin => signin.Metadata.Uid).ToHashSet();
        return view.Accounts.Select(account => account.Metadata).Concat(view.Grants.Select(grant => grant.Metadata))
            .Where(metadata => !living.Contains(ClusterView.Label(metadata, TkaLabels.SessionUid)))
            .Select(metadata => $"I1: {metadata.Name} has no TkaSignin (uid '{ClusterView.Label(metadata, TkaLabels.SessionUid)}')");
    }

    private static IEnumerable<string> NothingAfterTheEnd(ClusterView view, TkaSignin signin)
    {
        var name = signin.Metadata.Name;
        if (!view.Accounts.Any(account => account.Metadata.Name == name) && GrantsOf(view, name).Length == 0)
        {
            yield break;
        }

        // Once as the operator counts, once as the person who signed in would.
        var end = SessionWindow.Of(signin, view.Now).End;
        var promised = view.Asked.LastOrDefault(asked => asked.Uid == signin.Metadata.Uid)?.Until + Skew;
        if (view.Now < end + Bound && !(view.Now >= promised + Bound))
        {
            yield break;
        }

        yield return $"I2: {name} was to be over at {(promised < end ? promised : end):O} and has access at {view.Now:O}";
        if (signin.ReadyCondition()?.Reason != ConditionReasons.RevocationFailed)
        {
            yield return $"I7: {name} still has access and does not say that taking it away fails";
        }
    }

    private static IEnumerable<string> ReadyMeansReady(ClusterView view, TkaSignin signin)
    {
        var name = signin.Metadata.Name;
        var grants = GrantsOf(view, name);
        string?[] wanted = signin.Namespaces() is { Count: > 0 } namespaces ? [.. namespaces.Where(ns => !IsSaidToBeMissing(signin, ns)).Order(StringComparer.Ordinal)] : [null];
        if (!grants.Select(grant => grant.Namespace).Order(StringComparer.Ordinal).SequenceEqual(wanted) || grants.Any(grant => grant.Role != signin.Spec.Role))
        {
            yield return $"I3: {name} should have {signin.Spec.Role} in [{string.Join(',', wanted)}], has {string.Join(", ", grants.Select(grant => $"{grant.Role} in [{grant.Namespace}]"))}";
        }

        if (view.Asked.LastOrDefault(asked => asked.Uid == signin.Metadata.Uid) is { } asked
            && (asked.Role != signin.Spec.Role || !asked.Namespaces.SequenceEqual(signin.Namespaces())))
        {
            yield return $"I3: {name} says {signin.Spec.Role}, granted at login was {asked.Role}";
        }

        var account = view.Accounts.FirstOrDefault(candidate => candidate.Metadata.Name == name);
        if (account is null || account.Metadata.Uid != signin.Status!.ServiceAccount!.Uid || account.Metadata.DeletionTimestamp is not null)
        {
            yield return $"I5: {name} is Ready with ServiceAccount uid {signin.Status?.ServiceAccount?.Uid}, the cluster has {account?.Metadata.Uid ?? "none"}";
        }

        if (grants.Any(grant => grant.Subjects is not [{ Kind: "ServiceAccount" } subject] || subject.Name != name || subject.NamespaceProperty != view.SessionsNamespace))
        {
            yield return $"I5: a binding of {name} has other subjects";
        }
    }

    private static bool IsSaidToBeMissing(TkaSignin signin, string ns) =>
        signin.Status?.Conditions?.Any(condition => condition.Type == ConditionReasons.NamespacesType && condition.Message.Contains(ns, StringComparison.Ordinal)) == true;

    private static IEnumerable<string> OneIdentityEach(ClusterView view)
    {
        foreach (var same in view.Signins.Where(signin => signin.Metadata.DeletionTimestamp is null).GroupBy(signin => signin.Key()).Where(group => group.Count() > 1))
        {
            yield return $"I4: {same.Key.Person} has {same.Count()} sessions of role {same.Key.Role}";
        }

        foreach (var metadata in view.Accounts.Select(account => account.Metadata).Concat(view.Grants.Select(grant => grant.Metadata)))
        {
            var signin = view.Signins.FirstOrDefault(candidate => candidate.Metadata.Name == ClusterView.SessionOf(metadata));
            if (signin is not null && ClusterView.Label(metadata, TkaLabels.SessionOf) is { Length: > 0 } person && person != SessionNames.UserSlug(signin.Spec.Username))
            {
                yield return $"I4: {metadata.Name} says that it is of {person}, its session is of {signin.Spec.Username}";
            }
        }

        foreach (var signin in view.Signins)
        {
            var name = signin.IsBase() ? SessionNames.ForLogin(signin.Spec.Username) : SessionNames.ForRole(signin.Spec.Username, signin.Spec.Role);
            if (signin.Metadata.Name != name)
            {
                yield return $"I4: the session of {signin.Spec.Username} with role {signin.Spec.Role} is named {signin.Metadata.Name}, not {name}";
            }

            var account = view.Accounts.FirstOrDefault(candidate => candidate.Metadata.Name == signin.Metadata.Name);
            if (account?.Metadata.Annotations is { } annotations && annotations.TryGetValue(TkaAnnotations.Username, out var owner) && owner != signin.Spec.Username)
            {
                yield return $"I4: ServiceAccount {signin.Metadata.Name} belongs to {owner}, the session to {signin.Spec.Username}";
            }
        }
    }

    /// <summary>What people are shown is what the cluster has, and what is shown as ready can work.</summary>
    private static IEnumerable<string> ShownAsItIs(ClusterView view)
    {
        foreach (var shown in view.Shown)
        {
            if (view.Signins.FirstOrDefault(signin => signin.Metadata.Name == shown.Name) is not { } signin)
            {
                yield return $"I10: {shown.Name} is shown, and the cluster has no such session";
                continue;
            }

            var ready = signin.StateAt(view.Now) == SessionState.Ready;
            var end = SessionWindow.Of(signin, view.Now).End;
            if (shown.Role != signin.Spec.Role || shown.Provisioned != ready || (shown.Until - end).Duration() > TimeSpan.FromSeconds(2))
            {
                yield return $"I10: {shown.Name} is shown with {shown.Role}, ready {shown.Provisioned}, until {shown.Until:O}; it has {signin.Spec.Role}, ready {ready}, until {end:O}";
            }
            else if (ready && !view.Roles.Contains(signin.Spec.Role))
            {
                yield return $"I10: {shown.Name} is shown as ready, and role {signin.Spec.Role} does not exist";
            }
        }

        foreach (var signin in view.Signins.Where(signin => signin.StateAt(view.Now) != SessionState.Over && view.Shown.All(shown => shown.Name != signin.Metadata.Name)))
        {
            yield return $"I10: {signin.Metadata.Name} lives and is not shown";
        }
    }

    private static IEnumerable<string> TokenFitsSession(ClusterView view, IssuedToken token)
    {
        // A renewal and the request of a token may pass each other: the sign-in before the last counts as well.
        var asked = view.Asked.Where(asked => asked.Name == token.Session && asked.At <= token.At).TakeLast(2).ToArray();
        if (asked.Length == 0)
        {
            yield return $"I6: a token was issued for {token.Session}, for which nobody had signed in";
            yield break;
        }

        var until = asked.Max(one => one.Until);
        if (token.At >= until + Skew)
        {
            yield return $"I6: a token was issued for {token.Session} at {token.At:O}, after its end at {until:O}";
        }

        var latest = until > token.At + TkaSigninResource.MinimumPeriod ? until : token.At + TkaSigninResource.MinimumPeriod;
        if (token.At + token.Lifetime > latest + Skew)
        {
            yield return $"I6: a token of {token.Session} issued at {token.At:O} lives {token.Lifetime}, past {latest:O}";
        }
    }

    private static IReadOnlyList<string> ChangesOfTheLiving(ClusterView before, ClusterView after)
    {
        var (then, now) = (before.Versions(), after.Versions());
        return
        [
            .. after.Signins
                .Where(signin => signin.Metadata.DeletionTimestamp is null && after.Now < SessionWindow.Of(signin, after.Now).End)
                .Select(signin => signin.Metadata.Name)
                .Where(name => then.Contains(name) && !then[name].SequenceEqual(now[name]))
                .Select(name => $"I8: a restart changed {name}: {string.Join(", ", then[name].Except(now[name]))} became {string.Join(", ", now[name].Except(then[name]))}"),
            .. before.Signins
                .Where(signin => signin.IsReady() && after.Now < SessionWindow.Of(signin, after.Now).End)
                .Where(signin => after.Signins.All(other => other.Metadata.Uid != signin.Metadata.Uid))
                .Select(signin => $"I8: a restart ended {signin.Metadata.Name}"),
        ];
    }

    private static GrantView[] GrantsOf(ClusterView view, string session) => [.. view.Grants.Where(grant => ClusterView.SessionOf(grant.Metadata) == session)];
}
