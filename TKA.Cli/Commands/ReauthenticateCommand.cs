namespace TKA.Cli.Commands;

/// <summary><c>tka reauthenticate</c>: logout and login in one, with everything login wrote brought up to date.</summary>
internal sealed class ReauthenticateCommand : LoginCommand
{
    public ReauthenticateCommand()
        : base("reauthenticate", "End the session and sign in anew.", "reauth", "refresh")
    {
    }

    protected override bool EndsFirst => true;

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("A new session with the full period", "tka refresh"),
    ];
}
