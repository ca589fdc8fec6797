namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>The wire form of a user, as TokenReview and SelfSubjectReview show it.</summary>
internal static class UserInfoJson
{
    /// <summary>Empty members are left out, as the real server does.</summary>
    public static JsonObject ToJson(this UserInfo user)
    {
        var json = new JsonObject { ["username"] = user.Username };
        if (user.Uid.Length > 0)
        {
            json["uid"] = user.Uid;
        }

        if (user.Groups.Count > 0)
        {
            json["groups"] = user.Groups.ToJsonArray();
        }

        if (user.Extra.Count > 0)
        {
            json["extra"] = new JsonObject(user.Extra.Select(extra => KeyValuePair.Create<string, JsonNode?>(extra.Key, extra.Value.ToJsonArray())));
        }

        return json;
    }
}
