using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>
/// What the classes share that hold the twenty cases of the reliability reference, section 8, by number. Case 5 is
/// <see cref="Crashes"/>, case 20 <see cref="RandomLives"/>. Several classes, so that they run beside each other.
/// </summary>
public abstract class ReliabilityCases(ITestOutputHelper output)
{
    protected const string Alice = "alice@example.com";
    protected const string Bob = "bob@example.com";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ITestOutputHelper Output => output;

    private protected OperatorSetup Setup() => new() { Output = output };
}
