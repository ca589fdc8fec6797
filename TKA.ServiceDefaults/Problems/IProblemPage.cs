using Microsoft.AspNetCore.Http;
using TKA.Contracts.Rest;

namespace TKA.ServiceDefaults.Problems;

/// <summary>Shows problems to people. Registered by services that have pages.</summary>
public interface IProblemPage
{
    /// <summary>The page of a problem; <see langword="null"/> when the request does not ask for a page.</summary>
    IResult? Find(HttpContext context, Problem problem);
}
