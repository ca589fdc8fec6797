using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Storage;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Authentication;

public sealed class ServiceAccountTokensTests : IDisposable
{
    private readonly ObjectStore _objects = InMemoryObjects.New();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
    private readonly ServiceAccountTokens _tokens;

    public ServiceAccountTokensTests()
    {
        _tokens = new ServiceAccountTokens(_objects, _time);
        PutAccount("uid-1");
    }

    public void Dispose() => _tokens.Dispose();

    [Fact]
    public void A_token_names_its_account_by_name_and_uid_and_carries_its_identifier()
    {
        var check = Check(Issue());

        Assert.Equal("system:serviceaccount:team-a:robot", check.User?.Username);
        Assert.Equal("uid-1", check.User?.Uid);
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:team-a", "system:authenticated"], check.User!.Groups);
        Assert.StartsWith("JTI=", Assert.Single(check.User.Extra["authentication.kubernetes.io/credential-id"]), StringComparison.Ordinal);
        Assert.Equal(ServiceAccountTokens.ServerAudiences, check.Audiences);
    }

    [Fact]
    public void Claims_are_those_of_a_bound_token()
    {
        var claims = Claims(Issue());

        Assert.Equal("https://kubernetes.default.svc.cluster.local", (string?)claims["iss"]);
        Assert.Equal("system:serviceaccount:team-a:robot", (string?)claims["sub"]);
        Assert.Equal((long)claims["iat"]! + 600, (long)claims["exp"]!);
        Assert.Equal((long)claims["iat"]!, (long)claims["nbf"]!);
        Assert.True(Guid.TryParse((string?)claims["jti"], out _));
        Assert.Equal("uid-1", (string?)claims["kubernetes.io"]!["serviceaccount"]!["uid"]);
        Assert.Equal("team-a", (string?)claims["kubernetes.io"]!["namespace"]);
    }

    [Fact]
    public void A_token_ends_at_its_expiry()
    {
        var token = Issue();
        _time.Advance(TimeSpan.FromSeconds(599));
        Assert.NotNull(Check(token).User);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("expired", Check(token).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_dies_with_its_account_and_does_not_come_back_with_a_new_one_of_that_name()
    {
        var token = Issue();
        Assert.NotNull(Check(token).User);

        _objects.Remove("", "serviceaccounts", "team-a", "robot");
        Assert.Null(Check(token).User);

        PutAccount("uid-2");
        Assert.Contains("invalidated", Check(token).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_that_is_being_deleted_authenticates_for_at_most_a_minute()
    {
        var token = Issue();
        _objects.Put("", "serviceaccounts", """{"metadata":{"namespace":"team-a","name":"robot","uid":"uid-1","deletionTimestamp":"2026-11-24T08:00:00Z","finalizers":["x/y"]}}""");

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.NotNull(Check(token).User);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Check(token).User);
    }

    [Fact]
    public void A_token_for_another_audience_is_refused()
    {
        var token = Issue(["tka-operator"]);

        Assert.Contains("""token audiences ["tka-operator"] is invalid""", Check(token).Error, StringComparison.Ordinal);
        Assert.Equal(["tka-operator"], _tokens.Check(token, ["tka-operator", "other"]).Audiences);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("....")]
    public void A_malformed_token_is_refused(string token) => Assert.Equal("invalid bearer token", Check(token).Error);

    [Fact]
    public void A_token_of_another_key_or_with_changed_claims_is_refused()
    {
        using var stranger = new ServiceAccountTokens(_objects, _time);
        Assert.Null(_tokens.Check(Issue(from: stranger), ServiceAccountTokens.ServerAudiences).User);

        var parts = Issue().Split('.');
        var claims = Claims(string.Join('.', parts));
        claims["exp"] = (long)claims["exp"]! + 3600;
        parts[1] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        Assert.Null(Check(string.Join('.', parts)).User);

        parts[0] = Base64Url.EncodeToString("""{"alg":"none"}"""u8);
        Assert.Null(Check($"{parts[0]}.{parts[1]}.").User);
    }

    private string Issue(IReadOnlyList<string>? audiences = null, ServiceAccountTokens? from = null) =>
        (from ?? _tokens).Issue(
            _objects.Get("", "serviceaccounts", "team-a", "robot")!, audiences ?? ServiceAccountTokens.ServerAudiences, TimeSpan.FromMinutes(10)).Token;

    private TokenCheck Check(string token) => _tokens.Check(token, ServiceAccountTokens.ServerAudiences);

    private void PutAccount(string uid) =>
        _objects.Put("", "serviceaccounts", $$$"""{"metadata":{"namespace":"team-a","name":"robot","uid":"{{{uid}}}"}}""");

    private static JsonObject Claims(string token) => (JsonObject)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;
}
