using CsCheck;
using TKA.Operator.Ledger;
using Xunit;

namespace TKA.Tests.Operator;

public sealed class LedgerRecordTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Saying_everything_twice_makes_no_difference()
    {
        LedgerEntry[] life = [Granted("view", 0), Granted("edit", 10), Ended(20)];

        var once = Apply(null, life);
        var twice = Apply(once, life);

        Assert.Equal(["view 0-10", "edit 10-40"], Text(once!));
        Assert.Equal(Text(once!), Text(twice!));
        Assert.Equal((once!.Ended, once.How), (twice!.Ended, twice.How));
    }

    [Fact]
    public void Any_part_of_a_life_may_be_said_again_in_order() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4]).Sample((from, to) =>
        {
            LedgerEntry[] life = [Granted("view", 0), Granted("view", 5), Granted("edit", 10), Granted("view", 15), Ended(20)];
            var once = Apply(null, life);
            var again = Apply(Apply(null, life[..Math.Max(from, to)]), life[Math.Min(from, to)..]);
            return Text(once!).SequenceEqual(Text(again!)) && once!.Ended == again!.Ended;
        });

    [Fact]
    public void A_record_that_was_closed_too_early_opens_again_and_one_that_is_missing_begins_with_the_end()
    {
        var closed = Apply(null, Granted("view", 0), Ended(3));
        Assert.Null(Apply(closed, Granted("view", 0))!.Ended);

        Assert.Null(Apply(null, Ended(20)));
        var late = Apply(null, new EndedEntry("u", "n", SessionEndings.Ended, Start.AddMinutes(20), Granted("edit", 10)));
        Assert.Equal(["edit 10-40"], Text(late!));
        Assert.Equal(Start.AddMinutes(20), late!.Ended);
    }

    [Fact]
    public void What_does_not_fit_into_a_ConfigMap_is_far_away()
    {
        var bytes = LedgerOutbox.Pack(Enumerable.Range(0, 5000).SelectMany(i =>
        {
            var uid = Guid.NewGuid().ToString();
            var granted = new GrantedEntry(uid, $"tka-user-person{i}-{i:x8}", $"person{i}@example.com", $"laptop{i}", Granted("view", i).Grant);
            return new LedgerEntry[] { granted, new EndedEntry(uid, granted.Name, SessionEndings.Ended, Start.AddMinutes(i)) };
        }));

        Assert.InRange(bytes.Length, 1, LedgerOutbox.MaxBytes / 2);
    }

    private static LedgerRecord? Apply(LedgerRecord? record, params LedgerEntry[] entries) => entries.Aggregate(record, (current, entry) => entry.ApplyTo(current));

    private static GrantedEntry Granted(string role, int minute) =>
        new("u", "n", "alice@example.com", null, new LedgerGrant { Role = role, From = Start.AddMinutes(minute), Until = Start.AddMinutes(minute + 30) });

    private static EndedEntry Ended(int minute) => new("u", "n", SessionEndings.Ended, Start.AddMinutes(minute));

    private static string[] Text(LedgerRecord record) =>
        [.. record.Grants.Select(grant => $"{grant.Role} {(grant.From - Start).TotalMinutes}-{(grant.Until - Start).TotalMinutes}")];
}
