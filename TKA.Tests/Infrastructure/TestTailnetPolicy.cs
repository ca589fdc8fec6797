using System.Text.Json;
using System.Text.Json.Nodes;

namespace TKA.Tests.Infrastructure;

/// <summary>Builds policy texts: people on loopback addresses, and the rules that grants give them.</summary>
public sealed class TestTailnetPolicy
{
    public const string Capability = "specht-labs.de/cap/tka";

    private readonly JsonObject _devices = [];
    private readonly JsonArray _grants = [];
    private readonly JsonObject _tags = new() { ["tag:tka"] = new JsonArray() };

    /// <summary>A person's device; a rule list (JSON text) when given, as one grant.</summary>
    public TestTailnetPolicy Person(string source, string login, string? rules = null, string name = "laptop", bool expired = false)
    {
        _devices[source] = new JsonObject { ["name"] = name, ["user"] = login, ["expired"] = expired };
        return rules is null ? this : Grant(login, rules);
    }

    /// <summary>A tagged node.</summary>
    public TestTailnetPolicy Tagged(string source, string tag, string? rules = null, string name = "node")
    {
        _tags[tag] = new JsonArray();
        _devices[source] = new JsonObject { ["name"] = name, ["tags"] = new JsonArray(tag) };
        return rules is null ? this : Grant(tag, rules);
    }

    /// <summary>Connections from here come from TKA's own node.</summary>
    public TestTailnetPolicy Self(string source)
    {
        _devices[source] = new JsonObject { ["self"] = true };
        return this;
    }

    /// <summary>One more grant.</summary>
    public TestTailnetPolicy Grant(string selector, string rules, string capability = Capability)
    {
        _grants.Add((JsonNode)new JsonObject
        {
            ["src"] = new JsonArray(selector),
            ["dst"] = new JsonArray("tag:tka"),
            ["app"] = new JsonObject { [capability] = JsonNode.Parse(rules) },
        });
        return this;
    }

    public override string ToString() =>
        new JsonObject { ["tagOwners"] = _tags.DeepClone(), ["grants"] = _grants.DeepClone(), ["devices"] = _devices.DeepClone() }
            .ToJsonString(new JsonSerializerOptions { WriteIndented = true });
}
