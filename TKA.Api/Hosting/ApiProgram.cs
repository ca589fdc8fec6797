using Microsoft.Extensions.Options;
using TKA.Api.Configuration;

namespace TKA.Api.Hosting;

/// <summary>The executable: help, version, and failures to start as lines a person can act on.</summary>
internal static class ApiProgram
{
    private const int Success = 0;
    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>Runs until stopped.</summary>
    /// <returns>The exit code: 0 after an orderly stop, 1 when it could not start, 2 when an option is not understood.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        try
        {
            var commandLine = CommandLine.Parse(args);
            if (commandLine.Help)
            {
                await output.WriteAsync(Help.Text());
                return Success;
            }

            if (commandLine.Version)
            {
                await output.WriteLineAsync(ApiVersion.Text);
                return Success;
            }
        }
        catch (ConfigurationException exception)
        {
            await errors.WriteLineAsync(exception.Message);
            return WrongUsage;
        }

        try
        {
            await using var app = ApiApplication.Create(args);

            // The host would do the same and log a stack trace for what is a matter of one line.
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            await app.RunAsync();
            return Success;
        }
        catch (Exception exception) when (Explain(exception) is { } message)
        {
            await errors.WriteLineAsync(message);
            return Failed;
        }
    }

    /// <summary>What to tell a person; <see langword="null"/> for faults of the program, which keep their stack trace.</summary>
    private static string? Explain(Exception exception) => exception switch
    {
        ConfigurationException => exception.Message,
        OptionsValidationException invalid => string.Join(Environment.NewLine, invalid.Failures),
        AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            string.Join(Environment.NewLine, many.InnerExceptions.Select(Explain)),
        k8s.Exceptions.KubeConfigException => $"kubernetes.kubeconfig cannot be used: {exception.Message}",
        IOException when exception.Message.StartsWith("Failed to bind", StringComparison.Ordinal) => $"{exception.Message} Free the port, or set tailscale.port or management.port.",
        _ => null,
    };
}
