using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using TKA.Benchmarks.Api;
using TKA.Contracts.Rest;

namespace TKA.Benchmarks.Soak;

/// <summary>People who sign in and out, renew and get tokens, and what they were told. One person does one thing at a time.</summary>
internal sealed class Population(Func<Uri> api, int people)
{
    /// <summary>A person tries as long as the CLI does.</summary>
    private static readonly TimeSpan Persistence = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentQueue<Person> _idle = new(Enumerable.Range(0, people).Select(number => new Person(number)));
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<double> _logins = [];
    private int _loginCount;
    private int _logoutCount;

    /// <summary>Logins that ended with a kubeconfig.</summary>
    public int Logins => Volatile.Read(ref _loginCount);

    /// <summary>Logouts that were answered 200.</summary>
    public int Logouts => Volatile.Read(ref _logoutCount);

    /// <summary>Answers other than the expected ones, and how often each came.</summary>
    public IReadOnlyDictionary<string, int> Trouble => _answers;

    /// <summary>What has come of them since, for people to read.</summary>
    /// <param name="before">The troubles of an earlier moment.</param>
    public string TroubleSince(IReadOnlyDictionary<string, int> before) => string.Join(
        ", ",
        _answers
            .Select(kind => (kind.Key, Count: kind.Value - before.GetValueOrDefault(kind.Key)))
            .Where(kind => kind.Count > 0)
            .OrderByDescending(kind => kind.Count)
            .Select(kind => $"{kind.Count} x {kind.Key}"));

    /// <summary>Milliseconds of each login, tries included.</summary>
    public IReadOnlyCollection<double> LoginTimes => _logins;

    /// <summary>Sessions that began for certain, by login name.</summary>
    public IReadOnlyDictionary<string, int> Begun => _idle.ToDictionary(person => Devices.Login(person.Number), person => person.Begun);

    /// <summary>One step of one person: out of a session in, inside one of logout (half of the time), token or renewal.</summary>
    public async Task StepAsync()
    {
        if (!_idle.TryDequeue(out var person))
        {
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            return;
        }

        try
        {
            var dice = Random.Shared.Next(10);
            if (!person.IsIn)
            {
                await LoginAsync(person);
            }
            else if (dice < 5)
            {
                await LogoutAsync(person);
            }
            else if (dice < 9)
            {
                await TokenAsync(person);
            }
            else
            {
                await LoginAsync(person);
            }
        }
        finally
        {
            _idle.Enqueue(person);
        }
    }

    /// <summary>Signs out every person who has a session, or whose last login was not answered and may have begun one.</summary>
    public Task LogoutAllAsync() => Parallel.ForEachAsync(
        _idle.Where(person => person.IsIn || person.MayBeIn).ToArray(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (person, _) => await LogoutAsync(person));

    /// <summary>Everybody signs in.</summary>
    public Task LoginAllAsync() => Parallel.ForEachAsync(
        _idle.ToArray(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (person, _) => await LoginAsync(person));

    /// <summary>One person gets a token as the exec plugin does.</summary>
    /// <returns>Whether there was one in the end.</returns>
    public Task<bool> TokenAsync(int person) => TokenAsync(new Person(person));

    private async Task LoginAsync(Person person)
    {
        var started = Stopwatch.GetTimestamp();
        person.MayBeIn = true;
        if (await TryAsync(person, HttpMethod.Post, ApiRoutes.Login, HttpStatusCode.Accepted)
            && await TryAsync(person, HttpMethod.Get, ApiRoutes.Kubeconfig, HttpStatusCode.OK))
        {
            person.Begun += person.IsIn ? 0 : 1;
            person.IsIn = true;
            Interlocked.Increment(ref _loginCount);
            _logins.Enqueue(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private async Task LogoutAsync(Person person)
    {
        if (await TryAsync(person, HttpMethod.Post, ApiRoutes.Logout, HttpStatusCode.OK))
        {
            person.IsIn = false;
            person.MayBeIn = false;
            Interlocked.Increment(ref _logoutCount);
        }
    }

    private Task<bool> TokenAsync(Person person) => TryAsync(person, HttpMethod.Get, ApiRoutes.Token, HttpStatusCode.OK);

    private async Task<bool> TryAsync(Person person, HttpMethod method, string path, HttpStatusCode expected)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await SendAsync(person.Number, method, path);
            if (answer == expected.ToString())
            {
                return true;
            }

            _answers.AddOrUpdate($"{method} {path}: {answer}", 1, static (_, count) => count + 1);
            if (method == HttpMethod.Post && path == ApiRoutes.Logout && answer is nameof(HttpStatusCode.NotFound))
            {
                // A try before, whose answer did not arrive, has ended it.
                return true;
            }

            if (answer is nameof(HttpStatusCode.Unauthorized) && path != ApiRoutes.Login)
            {
                // Its session is over.
                person.IsIn = false;
                return false;
            }

            if (Stopwatch.GetElapsedTime(started) > Persistence)
            {
                _answers.AddOrUpdate($"{method} {path}: given up", 1, static (_, count) => count + 1);
                return false;
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<string> SendAsync(int person, HttpMethod method, string path)
    {
        using var http = Devices.ClientOf(person, api());
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Prefer", "wait=10");
        try
        {
            using var response = await http.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
            return response.StatusCode.ToString();
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError.ToString();
        }
    }

    private sealed class Person(int number)
    {
        public int Number => number;

        public bool IsIn { get; set; }

        /// <summary>A login whose answer did not arrive may have begun a session all the same.</summary>
        public bool MayBeIn { get; set; }

        public int Begun { get; set; }
    }
}
