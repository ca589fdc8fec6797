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
    public static IResult NoGrant(NoGrantModel model) => new PageResult<NoGrantPage>(model, model.Problem.Status ?? StatusCodes.Status403Forbidden);

    /// <summary>A refusal or failure, with the status of the problem.</summary>
    public static IResult Problem(Problem problem) => new PageResult<ProblemPage>(problem, problem.Status ?? StatusCodes.Status500InternalServerError);
}
