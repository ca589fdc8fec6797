using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Commands;

/// <summary>How the commands of the dashboard are added.</summary>
internal static class CommandExtensions
{
    /// <summary>Argument of a command: a login name of the policy.</summary>
    public const string PersonArgument = "person";

    /// <summary>Argument of a command: a role, or nothing for the one that the grant puts first.</summary>
    public const string RoleArgument = "role";

    /// <summary>The argument <see cref="PersonArgument"/>.</summary>
    public static InteractionInput PersonInput() => new()
    {
        Name = PersonArgument,
        Label = "Person",
        InputType = InputType.Choice,
        Options = [.. Person.OfDefaultPolicy.Select(login => KeyValuePair.Create(login, login))],
        Value = Person.OfDefaultPolicy[0],
        AllowCustomChoice = true,
        Required = true,
    };

    /// <summary>Adds a command that is enabled while the resource runs and is healthy, and whose failures are shown as one line.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="name">Name, for <c>aspire resource RESOURCE NAME</c>.</param>
    /// <param name="title">Text of the button.</param>
    /// <param name="icon">Icon of the button.</param>
    /// <param name="run">The work; its result is shown in the dashboard.</param>
    /// <param name="options">Description, arguments and the like.</param>
    /// <param name="isPossible">Another condition for being enabled.</param>
    public static IResourceBuilder<T> WithTkaCommand<T>(
        this IResourceBuilder<T> resource,
        string name,
        string title,
        string icon,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> run,
        CommandOptions options,
        Func<bool>? isPossible = null)
        where T : IResource
    {
        options.IconName = icon;
        options.UpdateState = context =>
            context.ResourceSnapshot is { State.Text: "Running", HealthStatus: null or Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy } && isPossible?.Invoke() is not false
                ? ResourceCommandState.Enabled
                : ResourceCommandState.Disabled;
        return resource.WithCommand(
            name,
            title,
            async context =>
            {
                try
                {
                    return await run(context);
                }
                catch (Exception exception) when (exception is StackException or HttpRequestException or IOException or System.Text.Json.JsonException)
                {
                    return CommandResults.Failure(exception.Message);
                }
            },
            options);
    }
}
