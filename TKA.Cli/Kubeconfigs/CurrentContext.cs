using TKA.Cli.Sessions;

namespace TKA.Cli.Kubeconfigs;

/// <summary>Makes a context that tka added the current one.</summary>
internal static class CurrentContext
{
    /// <summary>Changes <c>current-context</c>.</summary>
    /// <param name="merged">The context's record.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <returns>The record with the change, so that logout can take it back; null: the context is not in the file any more.</returns>
    public static async Task<MergeRecord?> UseAsync(MergeRecord merged, TimeProvider clock, CancellationToken cancellationToken)
    {
        MergeRecord? used = null;
        await KubeconfigFile.ChangeAsync(
            merged.Path,
            [],
            text =>
            {
                var editor = new KubeconfigEditor(text);
                if (OwnEntries.FindUser(editor, merged.Name, merged.Server, merged.Role) is not { } user || OwnEntries.Contexts(editor, user, merged.Name) is not [var name, ..])
                {
                    return text;
                }

                used = merged with { Change = new ContextChange(editor.CurrentContext, name) };
                if (editor.CurrentContext != name)
                {
                    used = used with { Used = true, PreviousContext = editor.UseContext(name) };
                }

                return editor.Text;
            },
            clock,
            cancellationToken);
        return used;
    }
}
