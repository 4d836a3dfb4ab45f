/// What a run that goes on can be told, as paths name it.
enum RunCommandName: String, Sendable {
    case cancel, pause, resume, step
}
