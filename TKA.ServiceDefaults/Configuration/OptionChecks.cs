using System.Net;
using Microsoft.Extensions.Options;
using TKA.Contracts;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>Collects what is wrong with options. Each message names key and value and says what to write.</summary>
public sealed class OptionChecks
{
    private readonly List<string> _errors = [];

    /// <summary>Success, or a failure with all messages.</summary>
    public ValidateOptionsResult Result => _errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_errors);

    /// <summary>Adds <paramref name="message"/> unless <paramref name="holds"/>.</summary>
    public OptionChecks Require(bool holds, string message)
    {
        if (!holds)
        {
            _errors.Add(message);
        }

        return this;
    }

    /// <summary>The text must not be blank.</summary>
    public OptionChecks RequireText(string key, string? value, string fix) => Require(!string.IsNullOrWhiteSpace(value), $"{key} is empty. {fix}");

    /// <summary>The text must be an IP address.</summary>
    public OptionChecks RequireAddress(string key, string value) =>
        Require(IPAddress.TryParse(value, out _), $"{key} is \"{value}\", which is not an IP address. Write it like 127.0.0.1.");

    /// <summary>The number must lie between two, inclusive.</summary>
    public OptionChecks RequireBetween(string key, int value, int minimum, int maximum = int.MaxValue) =>
        Require(value >= minimum && value <= maximum, maximum == int.MaxValue
            ? $"{key} is {value}. Write {minimum} or more."
            : $"{key} is {value}. Write a number from {minimum} to {maximum}.");

    /// <summary>The duration must be so long or longer.</summary>
    public OptionChecks RequireAtLeast(string key, TimeSpan value, TimeSpan minimum) =>
        Require(value >= minimum, $"{key} is {GoDuration.Format(value)}. Write {GoDuration.Format(minimum)} or more.");

    /// <summary>The duration must lie between two, inclusive.</summary>
    public OptionChecks RequireBetween(string key, TimeSpan value, TimeSpan minimum, TimeSpan maximum) =>
        Require(value >= minimum && value <= maximum,
            $"{key} is {GoDuration.Format(value)}. Write a duration from {GoDuration.Format(minimum)} to {GoDuration.Format(maximum)}.");

    /// <summary>The duration must be over 0.</summary>
    public OptionChecks RequirePositive(string key, TimeSpan value) =>
        Require(value > TimeSpan.Zero, $"{key} is {GoDuration.Format(value)}. Write a duration over 0s.");
}
