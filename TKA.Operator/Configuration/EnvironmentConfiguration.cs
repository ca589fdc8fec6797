namespace TKA.Operator.Configuration;

/// <summary>Environment variables as the Go TKA reads them: <c>TKA_OPERATOR_NAMESPACE</c> is <c>operator:namespace</c>. The usual <c>Operator__Namespace</c> works as well.</summary>
internal sealed class EnvironmentConfiguration : ConfigurationProvider, IConfigurationSource
{
    private const string Prefix = "TKA_";

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Length > Prefix.Length)
            {
                Data[name[Prefix.Length..].Replace('_', ':')] = (string?)variable.Value;
            }
        }
    }
}
