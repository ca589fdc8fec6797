using System.Text;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>Keeps what is logged, to be searched.</summary>
internal sealed class CollectingOutput : ITestOutputHelper
{
    private readonly StringBuilder _text = new();

    public string Text => Output;

    public string Output
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public void Write(string message)
    {
        lock (_text)
        {
            _text.Append(message);
        }
    }

    public void Write(string format, params object[] args) => Write(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));

    public void WriteLine(string message) => Write(message + "\n");

    public void WriteLine(string format, params object[] args) => Write(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args) + "\n");
}
