import NIOCore

/// Runs the tasks of HTTP connections on the event loop that has the connections and the core: a request then costs no hop to another
/// thread and back, which was a third of an UpdateThingShadow.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
