using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>What the tests on the stack of <see cref="Persons"/> have in common.</summary>
public abstract class PersonsTests(Persons persons) : IClassFixture<Persons>
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TkaStack Stack => persons.Stack;

    protected HttpClient Person(int number) => persons.Person(number);
}
