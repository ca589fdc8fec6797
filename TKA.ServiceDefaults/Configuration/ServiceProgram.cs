using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>The executable of a service: help, version, and failures to start as lines a person can act on.</summary>
public static class ServiceProgram
{
    private const int Success = 0;
    private const int Failed = 1;
    private const int WrongConfiguration = 2;

    /// <summary>Runs until stopped.</summary>
    /// <param name="service">Its settings.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="create">Builds the application. It is not called for <c>--help</c> and <c>--version</c>.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="errors">Standard error.</param>
    /// <param name="explain">A line for exceptions that mean a wrong setting; <see langword="null"/> for all others.</param>
    /// <returns>The exit code: 0 after an orderly stop, 1 when it could not start, 2 when an option or a setting is wrong.</returns>
    public static async Task<int> RunAsync(
        ServiceSettings service,
        string[] args,
        Func<string[], WebApplication> create,
        TextWriter output,
        TextWriter errors,
        Func<Exception, string?>? explain = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(errors);
        string? line = null;
        try
        {
            var arguments = ServiceArguments.Parse(service, args);
            if (arguments.Help || arguments.Version)
            {
                await output.WriteAsync(arguments.Help ? HelpText.For(service) : Version(create.Method) + Environment.NewLine);
                return Success;
            }

            await using var app = create(args);

            // The host validates as well, but logs a stack trace for what is a matter of one line.
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            await app.RunAsync();
            return Success;
        }
        catch (Exception exception) when ((line = WrongSetting(exception) ?? explain?.Invoke(exception)) is not null)
        {
            await errors.WriteLineAsync(line);
            return WrongConfiguration;
        }
        catch (IOException exception) when (exception.Message.StartsWith("Failed to bind", StringComparison.Ordinal))
        {
            await errors.WriteLineAsync($"{exception.Message} Free the port or set another one.");
            return Failed;
        }
    }

    /// <summary>What to tell a person; <see langword="null"/> for faults of the program, which keep their stack trace.</summary>
    private static string? WrongSetting(Exception exception) => exception switch
    {
        ConfigurationException => exception.Message,
        OptionsValidationException invalid => string.Join(Environment.NewLine, invalid.Failures.Distinct()),
        AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            string.Join(Environment.NewLine, many.InnerExceptions.Select(WrongSetting).Distinct()),
        _ => null,
    };

    /// <summary>As released, without build metadata.</summary>
    private static string Version(MethodInfo create) =>
        create.Module.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
