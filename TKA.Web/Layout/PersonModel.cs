namespace TKA.Web.Layout;

/// <summary>The caller, as Tailscale says.</summary>
/// <param name="Login">Full login name, such as <c>alice@example.com</c>.</param>
/// <param name="DisplayName">Name the person chose; empty when there is none.</param>
/// <param name="Device">Short name of the device.</param>
public sealed record PersonModel(string Login, string DisplayName, string Device)
{
    /// <summary>What to call the person.</summary>
    public string Name => DisplayName.Length > 0 ? DisplayName : Login;
}
