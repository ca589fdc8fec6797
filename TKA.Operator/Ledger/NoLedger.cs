using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Ledger;

/// <summary>For an operator without Dapr: sessions live by the TkaSignin alone.</summary>
internal sealed class NoLedger : ISessionLedger
{
    public void Granted(TkaSignin signin, SessionWindow window)
    {
    }

    public void Ended(TkaSignin signin, string how, DateTimeOffset at, SessionWindow? bound = null)
    {
    }

    public void Vanished(string uid, string name, DateTimeOffset at)
    {
    }

    public bool IsKept(string uid) => true;

    public void Replay()
    {
    }
}
