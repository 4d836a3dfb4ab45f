import Logging
import MQTTWire
import Sessions
package import Shadows
import Timeline
import Topics

extension BrokerCore {
    /// Everything that outlives the process, as it stands now.
    package var image: StateImage {
        var image = StateImage(shadows: self.history.all)
        self.retained.forEach { image.retained.append(($0, $1)) }
        image.sessions = self.sessionsBySlot.compactMap { $0 }.filter(\.state.isKept).map(self.record(of:))
        image.things = self.things.all.sorted { $0.name < $1.name }
        return image
    }

    /// Takes back what was kept; for a core that is empty and has no clients.
    ///
    /// Wall time has gone on meanwhile: sessions and wills may be due at once. Sessions that had a connection when the process died are
    /// taken to have lost it now.
    package func restore(_ image: StateImage) throws(ShadowRestoreError) {
        self.beginTick()
        try self.restoreShadows(image.shadows)
        for (topic, message) in image.retained {
            if message.message.hasExpired(now: self.now) {
                self.gate.append(.retained(topic, nil))
            } else {
                self.restore(topic, message)
            }
        }
        for record in image.sessions { self.restore(record) }
        for thing in image.things { self.things.restore(thing) }
    }

    /// Puts `image` in the place of everything there is. Every client is sent away.
    ///
    /// Safe when `whenSafe` says so.
    package func replace(with image: StateImage) throws(ShadowRestoreError) {
        self.beginTick()
        // Read before anything is touched: an image that makes no sense changes nothing.
        var shadows = ShadowStore(rules: self.shadows.rules)
        for version in Self.latest(of: image.shadows) { try shadows.roll(version.id, backTo: version.change) }
        for connection in self.connections.values.sorted(by: { $0.number < $1.number }) {
            connection.will = nil
            self.end(connection, .replaced)
        }
        for session in self.sessionsBySlot.compactMap({ $0 }) {
            session.pendingWill = nil
            self.remove(session)
        }
        self.retained = .init()
        self.things = ThingRegistry()
        self.gate.append(.replaced(image))
        self.shadows = shadows
        self.history.replace(with: image.shadows)
        self.lastCause = max(self.lastCause, image.shadows.map(\.origin.cause).max() ?? 0)
        self.forgetDeletedShadows()
        for (topic, message) in image.retained { self.restore(topic, message) }
        for record in image.sessions { self.restore(record) }
        for thing in image.things { self.things.restore(thing) }
    }

    private func restore(_ topic: TopicName, _ retained: RetainedMessage) {
        _ = self.retained.set(topic, retained)
        if let expiry = retained.message.expiresAt { self.scheduleSweep(at: expiry) }
    }

    private static func latest(of versions: [ShadowVersion]) -> [ShadowVersion] {
        var latest: [ShadowID: ShadowVersion] = [:]
        for version in versions where version.serial >= latest[version.id]?.serial ?? 0 { latest[version.id] = version }
        return latest.values.sorted { $0.serial < $1.serial }
    }

    private func restoreShadows(_ versions: [ShadowVersion]) throws(ShadowRestoreError) {
        for version in Self.latest(of: versions) { try self.shadows.roll(version.id, backTo: version.change) }
        self.history.replace(with: versions)
        self.lastCause = max(self.lastCause, versions.map(\.origin.cause).max() ?? 0)
        self.forgetDeletedShadows()
    }

    private func restore(_ record: SessionRecord) {
        guard let limits = ServiceProfile.named(record.origin.profile)?.limits else {
            self.logger.record(
                .warning, "session left alone: there is no profile \(record.origin.profile)", [.client: "\(record.clientID)"])
            self.lastSessionNumber = max(self.lastSessionNumber, record.number)
            return
        }
        let session = self.add(SessionState(restoring: record, limits: limits), number: record.number)
        for (filter, options) in record.subscriptions {
            _ = self.subscriptions.insert(filter, subscriber: session.slot, options: options)
            self.routesChanged(for: filter)
        }
        let wall = self.shell.wallTime()
        let leftAt = record.disconnectedAt ?? wall
        var willDueAt = record.willDueAt
        if record.disconnectedAt == nil, let will = record.will {
            willDueAt = wall + .seconds(Int64(min(will.delayIntervalSeconds ?? 0, record.expirySeconds)))
        }
        if record.disconnectedAt == nil {
            self.gate.append(
                .sessionLeft(session.number, at: leftAt, expirySeconds: record.expirySeconds, willDueAt: willDueAt))
        }
        session.leftAt = leftAt
        if let willDueAt, let will = record.will {
            session.pendingWill = will
            session.willDueAt = willDueAt
            session.willTimer = self.deadlines.schedule(.will(session), at: self.now + max(.zero, willDueAt - wall), kind: .will)
        }
        if let expiry = session.state.expiry(disconnectedAt: self.now) {
            let gone = max(.zero, wall - leftAt)
            session.expiryTimer = self.deadlines.schedule(.sessionExpiry(session), at: max(self.now, expiry - gone), kind: .expiry)
        }
    }

    private func record(of session: ClientSession) -> SessionRecord {
        var record = SessionRecord(
            number: session.number, clientID: session.clientID, origin: session.state.origin, expirySeconds: session.state.expirySeconds,
            subscriptions: session.state.subscriptions, messages: session.state.outbound.records,
            unreleased: session.state.inbound.ids)
        if let connection = session.connection {
            record.will = connection.will
        } else {
            record.will = session.pendingWill
            record.willDueAt = session.pendingWill == nil ? nil : session.willDueAt
            record.disconnectedAt = session.leftAt
        }
        return record
    }
}
