using System.Runtime.InteropServices;
using System.Text;

namespace TKA.Cli.Storage;

/// <summary>Owner, group and links of a file, which .NET does not tell.</summary>
/// <param name="User">Number of the owner.</param>
/// <param name="Group">Number of the group.</param>
/// <param name="Links">Names the file has (hard links).</param>
/// <param name="Mode">Kind and permissions.</param>
internal readonly partial record struct FileOwner(uint User, uint Group, uint Links, ushort Mode)
{
    private const int CurrentDirectory = -100;
    private const uint BasicStats = 0x7ff;
    private const int CanWrite = 2;

    /// <summary>Whether it is a regular file: no pipe, no device, no directory.</summary>
    public bool IsFile => (Mode & 0xF000) == 0x8000;

    /// <summary>This process's own number.</summary>
    public static uint Myself => OperatingSystem.IsWindows() ? 0 : GetEffectiveUser();

    /// <summary>Of a file or directory; null where that cannot be found out.</summary>
    public static unsafe FileOwner? Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        // Larger than the struct of any system; the members stand at fixed places.
        var buffer = stackalloc byte[512];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var main = NativeLibrary.GetMainProgramHandle();
            if (OperatingSystem.IsLinux())
            {
                return NativeLibrary.TryGetExport(main, "statx", out var statx)
                    && ((delegate* unmanaged<int, byte*, int, uint, byte*, int>)statx)(CurrentDirectory, name, 0, BasicStats, buffer) == 0
                        ? new FileOwner(*(uint*)(buffer + 20), *(uint*)(buffer + 24), *(uint*)(buffer + 16), *(ushort*)(buffer + 28))
                        : null;
            }

            return NativeLibrary.TryGetExport(main, RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "stat$INODE64" : "stat", out var stat)
                && ((delegate* unmanaged<byte*, byte*, int>)stat)(name, buffer) == 0
                    ? new FileOwner(*(uint*)(buffer + 16), *(uint*)(buffer + 20), *(ushort*)(buffer + 6), *(ushort*)(buffer + 4))
                    : null;
        }
    }

    /// <summary>Whether a file or directory is this user's own. To root every file is.</summary>
    public static bool IsTrusted(string path) => Myself == 0 || Of(path) is not { } owner || owner.User == Myself;

    /// <summary>Whether a file has an access control list beside its mode. It would be lost in a copy.</summary>
    public static unsafe bool HasAccessList(string path)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "getxattr", out var get))
        {
            return false;
        }

        fixed (byte* file = Encoding.UTF8.GetBytes(path + '\0'), name = "system.posix_acl_access\0"u8)
        {
            return ((delegate* unmanaged<byte*, byte*, byte*, nuint, nint>)get)(file, name, null, 0) > 0;
        }
    }

    /// <summary>Gives a file to this owner and group, as far as this process may.</summary>
    public bool TryGiveTo(string path) => Change(path, User, Group) == 0;

    /// <summary>Whether this process may write there, read-only file systems included.</summary>
    public static bool MayWrite(string path) => OperatingSystem.IsWindows() || Access(path, CanWrite) == 0;

    /// <summary>Name of a user, from <c>/etc/passwd</c>; the number when it is not there.</summary>
    public static string NameOf(uint user)
    {
        try
        {
            return File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == $"{user}")?[0] ?? $"user {user}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"user {user}";
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Change(string path, uint user, uint group);
}
