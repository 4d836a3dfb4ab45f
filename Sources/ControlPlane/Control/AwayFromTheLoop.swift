/// Where a document may take its time: tasks of connections run on the core's loop.
func awayFromTheLoop<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withTaskExecutorPreference(globalConcurrentExecutor) { work() }
}
