import JSON
import Shadows
import Topics

/// Topics, filters and options of clients that the profile does not let through. Source: scheduler §12; reference mqtt §5, §6, §11.
struct TopicCheck {
    private let profile: String
    private let limits: ProfileLimits

    init(_ settings: PlanSettings) {
        self.profile = settings.profile.rawValue
        self.limits = ProfileLimits(settings.profile)
    }

    func look(at written: WrittenStep, _ findings: inout Findings) {
        guard let body = written.node[written.step.verb] else { return }
        switch written.step.kind {
        case .connect(let spec): self.look(at: spec, body, written, &findings)
        case .publish(let publication):
            if !LateText.isLate(publication.topic) {
                self.checkTopic(publication.topic, retain: publication.retain, body["topic"] ?? body, written, &findings)
            }
            self.checkQoS(publication.qos, body["qos"] ?? body, written, &findings)
        case .subscribe(_, let filters, let qos):
            self.checkFilters(filters, body["filters"] ?? body, written, &findings)
            if qos > self.limits.maximumQoS {
                let what = "the profile \(self.profile) grants QoS \(self.limits.maximumQoS) to who asks for \(qos)"
                findings.add(.warning, written, (body["qos"] ?? body).fault(what, "ask for QoS \(self.limits.maximumQoS)"))
            }
        case .unsubscribe(_, let filters): self.checkCount(filters.count, body["filters"] ?? body, written, &findings)
        case .disconnect, .drop, .expect, .never, .order, .shadowIs, .react, .block, .clock, .mark, .note: break
        }
    }

    private func look(at spec: ConnectSpec, _ body: Node, _ written: WrittenStep, _ findings: inout Findings) {
        let id = body["id"] ?? body["client"] ?? body
        if let most = self.limits.clientIDBytes, spec.id.utf8.count > most {
            let what = "the client id has \(spec.id.utf8.count) bytes, and the profile \(self.profile) takes \(most)"
            findings.add(.error, written, id.fault(what, "give it a shorter \"id\""))
        }
        if self.limits.reservesDollar, spec.id.hasPrefix("$") {
            findings.add(
                .error, written, id.fault("client ids that begin with $ are reserved in the profile \(self.profile)", "choose another"))
        }
        if let range = self.limits.keepAliveSeconds, spec.keepAliveSeconds > 0, !range.contains(spec.keepAliveSeconds),
            let node = body["keepAlive"]
        {
            let effective = min(max(spec.keepAliveSeconds, range.lowerBound), range.upperBound)
            let what = "a keep alive of \(spec.keepAliveSeconds) s becomes \(effective) s in the profile \(self.profile)"
            findings.add(.warning, written, node.fault(what, "write \(effective), or use the profile plain"))
        }
        guard let will = spec.will, let node = body["will"] else { return }
        self.checkTopic(will.topic.string, retain: will.retain, node["topic"] ?? node, written, &findings)
        self.checkQoS(will.qos, node["qos"] ?? node, written, &findings)
    }

    private func checkQoS(_ qos: UInt8, _ node: Node, _ written: WrittenStep, _ findings: inout Findings) {
        guard qos > self.limits.maximumQoS else { return }
        findings.add(
            .error, written, node.fault("there is no QoS \(qos) in the profile \(self.profile)", "use QoS \(self.limits.maximumQoS)"))
    }

    private func checkTopic(_ topic: String, retain: Bool, _ node: Node, _ written: WrittenStep, _ findings: inout Findings) {
        do throws(TopicError) {
            _ = try TopicName(topic, limits: self.limits.topic)
        } catch {
            findings.add(.error, written, node.fault("the profile \(self.profile) refuses this topic", error.text))
            return
        }
        guard let obstacle = self.obstacle(to: topic, retain: retain) else { return }
        findings.add(.error, written, node.fault("nobody may publish to \(topic): \(obstacle.what)", obstacle.cure))
    }

    private func obstacle(to topic: String, retain: Bool) -> (what: String, cure: String)? {
        guard topic.hasPrefix("$") else { return nil }
        if let shadow = ShadowTopic(topic) {
            guard shadow.isRequest else {
                return ("that is where the shadow service publishes", "use \"\(shadow.operation.text)\" to make it do so")
            }
            return retain ? ("reserved topics keep no retained message", "remove \"retain\"") : nil
        }
        guard self.limits.reservesDollar else { return nil }
        if ReservedTopics.takesPublish(to: topic) {
            return retain ? ("reserved topics keep no retained message", "remove \"retain\"") : nil
        }
        return ("topics that begin with $ are reserved, and this is none of the service's", "use another topic")
    }

    private func checkCount(_ count: Int, _ node: Node, _ written: WrittenStep, _ findings: inout Findings) {
        guard let most = self.limits.filtersPerSubscribe, count > most else { return }
        findings.add(
            .error, written,
            node.fault("the profile \(self.profile) takes \(most) filters at once, and here are \(count)", "make it two steps"))
    }

    private func checkFilters(_ filters: [TopicFilter], _ list: Node, _ written: WrittenStep, _ findings: inout Findings) {
        self.checkCount(filters.count, list, written, &findings)
        for (place, filter) in filters.enumerated() {
            let node = list.value.array.map { list.child($0[place], "\(place)") } ?? list
            do throws(TopicError) {
                _ = try TopicFilter(filter.string, limits: self.limits.topic)
            } catch {
                findings.add(.error, written, node.fault("the profile \(self.profile) refuses this filter", error.text))
                continue
            }
            guard self.limits.reservesDollar, ReservedTopics.refusesSubscribe(to: filter) else { continue }
            let what = "nobody can subscribe to \(filter.string): it begins with $ and is none of the service's"
            findings.add(.error, written, node.fault(what, "use another filter"))
        }
    }
}
