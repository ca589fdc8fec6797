namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>The wire form of a user, as TokenReview and SelfSubjectReview show it.</summary>
internal static class UserInfoJson
{
    /// <summary>Empty members are left out, as the real server does.</summary>
    public static JsonObject ToJson(this UserInfo user) => new JsonObject { ["username"] = user.Username }
        .With("uid", user.Uid)
        .With("groups", user.Groups.ToJsonArray())
        .With("extra", new JsonObject(user.Extra.Select(extra => KeyValuePair.Create<string, JsonNode?>(extra.Key, extra.Value.ToJsonArray()))));
}
