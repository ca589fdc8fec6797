namespace TKA.DevEnvironment.Stack;

/// <summary>The stack cannot start, for a reason the user can do something about. The message is one line and says what.</summary>
internal sealed class StackException(string message, Exception? innerException = null) : Exception(message, innerException);
