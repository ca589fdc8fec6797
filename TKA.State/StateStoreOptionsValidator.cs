using Microsoft.Extensions.Options;
using TKA.Contracts;

namespace TKA.State;

/// <summary>Checks <see cref="StateStoreOptions"/> at start; every message names key and value and says what to write.</summary>
internal sealed class StateStoreOptionsValidator : IValidateOptions<StateStoreOptions>
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, StateStoreOptions options) =>
        string.IsNullOrWhiteSpace(options.StateStore) ? ValidateOptionsResult.Fail("dapr.stateStore is empty. Name a Dapr state store, like statestore.")
        : options.Timeout <= TimeSpan.Zero || options.Timeout > LongestTimeout
            ? ValidateOptionsResult.Fail($"dapr.timeout is {GoDuration.Format(options.Timeout)}. Write a duration over 0s, up to 1m.")
        : ValidateOptionsResult.Success;
}
