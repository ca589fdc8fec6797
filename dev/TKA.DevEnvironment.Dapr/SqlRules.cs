using System.Globalization;
using StateConcurrency = Dapr.Client.Autogen.Grpc.v1.StateOptions.Types.StateConcurrency;

namespace TKA.DevEnvironment.Dapr;

/// <summary>What Dapr's components for SQL databases have in common.</summary>
internal abstract class SqlRules : StoreRules
{
    public override StateEntry? Apply(StateChange change, StateEntry? current, long sequence, DateTimeOffset now)
    {
        if (change.Etag is { } etag)
        {
            CheckEtag(etag);
            if (current?.Etag != etag)
            {
                throw StateRefusedException.EtagMismatch();
            }
        }

        if (change.Value is null)
        {
            return null;
        }

        if (change is { Etag: null, Concurrency: StateConcurrency.ConcurrencyFirstWrite } && current is not null)
        {
            throw FirstWriteConflict();
        }

        var expires = change.TimeToLive is { } life && life > TimeSpan.Zero ? now + life : (DateTimeOffset?)null;
        return new StateEntry(change.Key, change.Value, NewEtag(sequence), expires, FirstWrite: false);
    }

    protected abstract string NewEtag(long sequence);

    protected abstract StateRefusedException FirstWriteConflict();

    protected virtual void CheckEtag(string etag)
    {
    }
}

/// <summary><c>state.sqlite</c>.</summary>
internal sealed class SqliteRules : SqlRules
{
    protected override string NewEtag(long sequence) => Guid.NewGuid().ToString();

    protected override StateRefusedException FirstWriteConflict() => StateRefusedException.EtagMismatch();
}

/// <summary><c>state.postgresql</c> v1, whose ETag is the row's <c>xmin</c>.</summary>
internal sealed class PostgresRules : SqlRules
{
    /// <summary>PostgreSQL returns rows in table order, and every write moves a row.</summary>
    public override string RowOrder => "CAST(etag AS INTEGER) DESC";

    protected override string NewEtag(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);

    protected override StateRefusedException FirstWriteConflict() => StateRefusedException.Failed("no item was updated");

    protected override void CheckEtag(string etag)
    {
        if (!uint.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw StateRefusedException.EtagInvalid(etag);
        }
    }
}
