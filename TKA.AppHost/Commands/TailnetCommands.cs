using Microsoft.Extensions.DependencyInjection;
using TKA.AppHost.Composition;

namespace TKA.AppHost.Commands;

/// <summary>Commands of the embedded tailnet: grants, withdrawn and restored while people are signed in.</summary>
internal static class TailnetCommands
{
    /// <summary>Adds the commands.</summary>
    public static void WithTailnetCommands(this IResourceBuilder<DevServerResource> tailnet, TkaDevEnvironment dev)
    {
        var files = dev.Launch.Files;
        tailnet
            .WithTkaCommand(
                "withdraw-grant",
                "Withdraw grants",
                "PersonProhibited",
                async context =>
                {
                    var person = context.Arguments.GetString(CommandExtensions.PersonArgument)!;
                    var count = PolicyText.Withdraw(files, person);
                    await RefreshAsync(context, tailnet.Resource);
                    return count == 0
                        ? CommandResults.Failure($"No grant names {person}.")
                        : CommandResults.Success($"{person} is out of {count} grants. Open sessions end within a minute.");
                },
                new CommandOptions
                {
                    Description = "Takes a person out of every grant of the policy file.",
                    Arguments = [CommandExtensions.PersonInput()],
                })
            .WithTkaCommand(
                "restore-grants",
                "Restore grants",
                "ArrowUndo",
                async context =>
                {
                    PolicyText.Restore(files);
                    await RefreshAsync(context, tailnet.Resource);
                    return CommandResults.Success("The policy file is as it was.");
                },
                new CommandOptions { Description = "Puts the policy file back as it was before the first withdrawal." },
                () => PolicyText.IsChanged(files));
    }

    /// <summary>Lets the dashboard ask again which commands are possible.</summary>
    private static Task RefreshAsync(ExecuteCommandContext context, DevServerResource tailnet) =>
        context.Services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(tailnet, snapshot => snapshot with { });
}
