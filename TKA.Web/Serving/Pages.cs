using Microsoft.AspNetCore.Http;
using TKA.Contracts.Rest;
using TKA.Web.Access;
using TKA.Web.Clusters;
using TKA.Web.Layout;

namespace TKA.Web.Serving;

/// <summary>The pages, as results of endpoints.</summary>
public static class Pages
{
    /// <summary>A person's access to one cluster.</summary>
    public static IResult Access(AccessPageModel model) => new PageResult<AccessPage>(model, model.Problem?.Status ?? StatusCodes.Status200OK);

    /// <summary>The clusters an orchestrator knows.</summary>
    public static IResult Clusters(ClustersPageModel model) => new PageResult<ClustersPage>(model, model.Problem?.Status ?? StatusCodes.Status200OK);

    /// <summary>What a person without any rule has to ask for.</summary>
    private static PageResult<NoGrantPage> NoGrant(NoGrantModel model) => new PageResult<NoGrantPage>(model, model.Problem.Status ?? StatusCodes.Status403Forbidden);

    /// <summary>A refusal or failure, for a caller who looks at it in a browser; <see langword="null"/> for one who wants data.</summary>
    /// <param name="context">The request.</param>
    /// <param name="problem">What is answered.</param>
    /// <param name="withoutGrant">The person, when the refusal is for want of a grant: then the page says what to ask for.</param>
    /// <param name="capability">Name of the capability that a grant has to give.</param>
    /// <param name="place">What this server is for: a cluster's name, or <c>Clusters</c>.</param>
    public static IResult? Refusal(HttpContext context, Problem problem, PersonModel? withoutGrant, string capability, string place) =>
        !context.Request.WantsPage() ? null
        : withoutGrant is null ? Problem(problem)
        : NoGrant(new NoGrantModel { Person = withoutGrant, Problem = problem, Capability = capability, Place = place });

    /// <summary>A refusal or failure, with the status of the problem.</summary>
    private static PageResult<ProblemPage> Problem(Problem problem) => new PageResult<ProblemPage>(problem, problem.Status ?? StatusCodes.Status500InternalServerError);
}
