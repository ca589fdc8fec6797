using Xunit;

namespace TKA.Tests.Operator;

/// <inheritdoc cref="RandomLives"/>
public sealed class FirstRandomLivesTests(ITestOutputHelper output) : RandomLives(output, 0);

/// <inheritdoc cref="RandomLives"/>
public sealed class SecondRandomLivesTests(ITestOutputHelper output) : RandomLives(output, 1);

/// <inheritdoc cref="RandomLives"/>
public sealed class ThirdRandomLivesTests(ITestOutputHelper output) : RandomLives(output, 2);

/// <inheritdoc cref="RandomLives"/>
public sealed class FourthRandomLivesTests(ITestOutputHelper output) : RandomLives(output, 3);
