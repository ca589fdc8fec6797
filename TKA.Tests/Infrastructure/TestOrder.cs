using TKA.Tests.Cli;
using TKA.Tests.Infrastructure;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(TestOrder))]

namespace TKA.Tests.Infrastructure;

/// <summary>
/// The longest test goes first, so that no test is left to run alone at the end. Tests of the command go last: its native binary is
/// published meanwhile, and a test that waits for it would hold up another one that could run.
/// </summary>
internal sealed class TestOrder : ITestCollectionOrderer
{
    private static readonly string[] First = ["TKA.Tests.Operator.Crash", "RandomLivesTests"];
    private static readonly string[] LongestOfLast = ["TKA.Tests.EndToEnd.LiveChangeTests", "TKA.Tests.Documentation.DocumentedCommandTests", "TKA.Tests.Stack.EmbeddedStackTests"];
    private static readonly string[] Last = ["TKA.Tests.Cli.", "TKA.Tests.Documentation.", "TKA.Tests.Stack.", "TKA.Tests.EndToEnd."];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection
    {
        if (testCollections.Any(IsLast))
        {
            CliBinary.Prepare();
        }

        return [.. testCollections.OrderBy(collection => Names(collection, First) ? 0 : !IsLast(collection) ? 1 : Names(collection, LongestOfLast) ? 2 : 3)];
    }

    private static bool IsLast<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection => Names(collection, Last);

    private static bool Names<TTestCollection>(TTestCollection collection, string[] names)
        where TTestCollection : ITestCollection =>
        names.Any(name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal));
}
