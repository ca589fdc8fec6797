using Xunit;

namespace TKA.Tests.Operator;

/// <inheritdoc cref="Crashes"/>
public sealed class CrashBeforeTests(ITestOutputHelper output) : Crashes(output, killAfter: false);

/// <inheritdoc cref="Crashes"/>
public sealed class CrashAfterTests(ITestOutputHelper output) : Crashes(output, killAfter: true);
