using TKA.Kubernetes.Signins;
using TKA.Operator.Sessions;

namespace TKA.Operator.Ledger;

/// <summary>For an operator without Dapr: sessions live by the TkaSignin alone.</summary>
internal sealed class NoLedger : ISessionLedger
{
    public void Granted(TkaSignin signin, SessionWindow window)
    {
    }

    public void Ended(string uid, string name, string how, DateTimeOffset at)
    {
    }

    public void Replay()
    {
    }
}
