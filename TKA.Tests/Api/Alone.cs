using Xunit;

namespace TKA.Tests.Api;

/// <summary>Tests that measure time or use up the machine: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
