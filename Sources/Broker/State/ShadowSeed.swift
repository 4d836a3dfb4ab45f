import Logging
package import Shadows

/// A shadow that a broker is to begin with.
package struct ShadowSeed: Equatable, Sendable {
    package let id: ShadowID
    /// An update as a client would send it.
    package let update: [UInt8]

    package init(id: ShadowID, update: [UInt8]) {
        self.id = id
        self.update = update
    }
}

extension BrokerCore {
    /// Makes the shadows there are not yet, by ordinary updates. One that exists is left alone, and the log says so.
    package func plant(_ seeds: [ShadowSeed]) {
        for seed in seeds {
            if let present = self.shadows.get(seed.id) {
                self.logger.record(
                    .notice, "seed left out: the shadow is there already, at version \(present.version)",
                    [.topic: "\(seed.id.topicPrefix)"])
                continue
            }
            // A refusal is logged as any other.
            _ = self.shadow(.update, seed.id, payload: seed.update, from: .unnamed)
        }
    }
}
