using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace TKA.ServiceDefaults.DataProtection;

/// <summary>
/// Keeps ASP.NET Core's data protection keys in memory. Authentication brings them along, TKA protects nothing with them, and by
/// default they are written to the home directory, in a Pod with a read-only file system as well as on a laptop.
/// </summary>
internal static class InMemoryKeys
{
    internal static void AddInMemoryKeys(this WebApplicationBuilder builder) =>
        builder.Services.Configure<KeyManagementOptions>(static options =>
        {
            options.XmlRepository = new Repository();
            options.XmlEncryptor = new NullXmlEncryptor();
        });

    private sealed class Repository : IXmlRepository
    {
        private readonly List<XElement> _elements = [];

        public IReadOnlyCollection<XElement> GetAllElements()
        {
            lock (_elements)
            {
                return [.. _elements];
            }
        }

        public void StoreElement(XElement element, string friendlyName)
        {
            lock (_elements)
            {
                _elements.Add(element);
            }
        }
    }
}
