package import Sessions
package import Timeline

/// What a topic keeps for later subscribers.
package struct RetainedMessage: Sendable {
    package let message: StoredMessage
    /// When it was set, for `lastModifiedTime` of the data plane.
    package let changedAt: WallTime

    package init(message: StoredMessage, changedAt: WallTime) {
        self.message = message
        self.changedAt = changedAt
    }
}
