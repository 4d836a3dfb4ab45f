package import Sessions
package import Shadows
package import Topics

/// Everything that outlives a process, as values.
package struct StateImage: Sendable {
    /// Every version kept of every shadow; the latest of each is the present one.
    package var shadows: [ShadowVersion]
    package var retained: [(topic: TopicName, message: RetainedMessage)]
    package var sessions: [SessionRecord]
    package var things: [ThingRecord]

    package init(
        shadows: [ShadowVersion] = [], retained: [(topic: TopicName, message: RetainedMessage)] = [], sessions: [SessionRecord] = [],
        things: [ThingRecord] = []
    ) {
        self.shadows = shadows
        self.retained = retained
        self.sessions = sessions
        self.things = things
    }
}
