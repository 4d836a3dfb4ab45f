import Timeline

/// A client of the plan.
struct PlanClient: Sendable {
    enum State: Sendable {
        case connecting(StepNumber)
        case connected(since: Instant, lostAt: Instant?)
        /// To be opened again; `tries` times that was asked for.
        case lost(at: Instant, reason: String, tries: Int)
        case gone(at: Instant, reason: String)
    }

    /// How it connects; nil if it never did.
    var spec: ConnectSpec?
    var state: State
}

/// Connections: made, lost, made again. Source: scheduler §7.
extension PlanEngine {
    /// Before the first try to connect again; each further one waits twice as long, up to the most.
    private static var firstReopening: Duration { .seconds(1) }
    private static var longestReopening: Duration { .seconds(30) }

    mutating func setClient(_ client: String, _ state: PlanClient.State) {
        self.clients[client, default: PlanClient(spec: nil, state: state)].state = state
    }

    mutating func connected(_ client: String) {
        switch self.clients[client]?.state {
        case .connecting(let step):
            self.setClient(client, .connected(since: self.now, lostAt: nil))
            self.lookAtWaiters(of: client)
            self.settle(step)
        case .lost(let lostAt, _, _):
            self.setClient(client, .connected(since: self.now, lostAt: lostAt))
            self.lookAtWaiters(of: client)
        case .connected, .gone, nil:
            break
        }
    }

    private mutating func lookAtWaiters(of client: String) {
        for waiter in self.clientWaiters.removeValue(forKey: client) ?? [] { self.ready.insert(waiter) }
    }

    mutating func refused(_ client: String, _ refusal: ConnectRefusal) {
        let code = refusal.code.map { "CONNACK \(Hex.byte($0)): " } ?? ""
        switch self.clients[client]?.state {
        case .connecting(let step):
            self.failConnect(step, client, got: code + refusal.text, cause: refusal.code == nil ? .lostConnection : nil)
        case .lost(let lostAt, let reason, let tries):
            // A broker that says no will say so again.
            if refusal.code == nil {
                self.planReopening(of: client, lostAt: lostAt, reason, tries: tries)
            } else {
                self.setClient(client, .gone(at: lostAt, reason: "\(reason); connecting again: \(code)\(refusal.text)"))
            }
        case .connected, .gone, nil:
            break
        }
    }

    /// No connection came of a `connect` step.
    mutating func failConnect(_ number: StepNumber, _ client: String, got: String, cause: RetryRule.Cause?) {
        self.setClient(client, .gone(at: self.now, reason: got))
        self.fail(number, got: got, cause: cause)
        if self.live[number] == nil { self.couldNotConnect = true }
    }

    mutating func lost(_ client: String, _ reason: String) {
        switch self.clients[client]?.state {
        case .connecting(let step):
            self.failConnect(step, client, got: "the connection was closed before CONNACK: \(reason)", cause: .lostConnection)
        case .connected:
            let reconnects = self.clients[client]?.spec?.reconnects ?? false
            if reconnects {
                self.planReopening(of: client, lostAt: self.now, reason, tries: 0)
            } else {
                self.setClient(client, .gone(at: self.now, reason: reason))
            }
            for number in self.inFlightSteps(of: client) { self.publisherLost(number, reason, returns: reconnects) }
        case .lost(let lostAt, let before, let tries):
            self.planReopening(of: client, lostAt: lostAt, before, tries: tries)
        case .gone, nil:
            break
        }
    }

    private mutating func planReopening(of client: String, lostAt: Instant, _ reason: String, tries: Int) {
        self.setClient(client, .lost(at: lostAt, reason: reason, tries: tries))
        let wait = min(Self.firstReopening * (1 << min(tries, 10)), Self.longestReopening)
        _ = self.timers.schedule(.reopen(client: client, lostAt: lostAt), at: self.now + wait, kind: .plan)
    }

    /// It is time to connect again, unless the plan has done something about the client meanwhile.
    mutating func reopen(_ client: String, lostAt: Instant) {
        guard self.phase == .running, case .lost(lostAt, let reason, let tries) = self.clients[client]?.state,
            let spec = self.clients[client]?.spec
        else { return }
        self.setClient(client, .lost(at: lostAt, reason: reason, tries: tries + 1))
        self.out.append(.reopen(spec))
    }

    /// Coming back would only take the id away again from whoever took it. Source: scheduler §19.
    mutating func takenOver(_ client: String) {
        switch self.clients[client]?.state {
        case .connecting(let step):
            self.failConnect(step, client, got: "its client id was taken over before CONNACK", cause: nil)
        case .connected, .lost:
            self.setClient(client, .gone(at: self.now, reason: "publisher taken over"))
            for number in self.inFlightSteps(of: client) where !self.needsNoPublisher(number) {
                let id = self.clients[client]?.spec?.id ?? client
                self.fail(number, got: "publisher taken over: somebody else connected with its client id \(id)")
            }
        case .gone, nil:
            break
        }
    }

    private func inFlightSteps(of client: String) -> [StepNumber] {
        self.live.all.filter { $0.phase == .inFlight && $0.step.actor == .client(client) }.map(\.step.number)
    }

    /// An answer may still come for what has been acknowledged, or sent without waiting for an acknowledgement.
    private func needsNoPublisher(_ number: StepNumber) -> Bool {
        guard let state = self.live[number], let publication = state.step.publication else { return false }
        return state.isSent && !(publication.qos > 0 && state.ackedAt == nil && state.gates.contains(.acked))
    }

    /// - Parameter returns: the client will connect again, and send again what was not acknowledged.
    private mutating func publisherLost(_ number: StepNumber, _ reason: String, returns: Bool) {
        guard let state = self.live[number] else { return }
        let got = "the publisher was lost: \(reason)"
        if returns, state.retry.packet != nil, state.ackedAt == nil, self.mayGoAgain(state) {
            self.sendAgain(number, got: got, resends: true)
        } else if !self.needsNoPublisher(number) {
            self.fail(number, got: got, cause: .lostConnection)
        }
    }

    mutating func publisherMissing(_ number: StepNumber) {
        guard let state = self.live[number], state.phase == .waiting, case .client(let client) = state.step.actor,
            let lane = state.lane.flatMap({ self.lanes[$0] })
        else { return }
        self.live[number]?.timer = nil
        if self.isHeld(number, lane: lane) {
            // It waits for `resumed`, and begins to wait for its publisher when it has that.
            self.live[number]?.publisherSince = nil
            return
        }
        let why: String =
            switch self.clients[client]?.state {
            case .gone(_, let reason): reason
            case .lost(let at, let reason, let tries): "lost at \(self.runTime(at)): \(reason); connecting again failed \(tries) times"
            case .connecting(let step): "step \(self.live[step]?.step.id ?? "") is still connecting it"
            case .connected, nil: "nothing has connected it"
            }
        self.fail(number, got: "its publisher \(client) was not connected for \(Times.text(self.timeout(of: state.step))): \(why)")
    }
}
