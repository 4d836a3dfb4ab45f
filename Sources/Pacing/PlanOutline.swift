import Shadows
import Topics

/// What a plan will need, found by reading it through once. Source: scheduler §6 "Correlation".
package struct PlanOutline: Sendable {
    /// Steps at the top of the plan; a block counts one.
    package private(set) var steps = 0
    /// What is seen inside the broker, or at a remote target by subscriptions of the run's own: the answers to its requests, and what its
    /// observing steps look for. Each once, in the order of the plan; with wildcards where the plan speaks of very many shadows.
    package private(set) var filters: [String] = []
    /// The clients it connects, in order.
    package private(set) var clients: [String] = []

    /// False when a block goes on with other things in every pass, and not all of them were read.
    package private(set) var isComplete = true

    private static let mostShadows = 500
    private static let mostPassesRead = 1000

    private var known: Set<String> = []
    private var knownClients: Set<String> = []
    private var shadows: Set<ShadowID> = []
    private var answers: Set<Answer> = []

    /// A kind of answer that is awaited from any number of shadows.
    private struct Answer: Hashable {
        var isNamed: Bool
        var operation: ShadowTopic.Operation
        var answer: ShadowTopic.Answer
    }

    /// - Throws: the first fault of the plan's file.
    init(_ source: PlanSource) throws(ScenarioError) {
        var source = source
        while let step = try source.next(StepNumber(self.steps)) {
            self.steps += 1
            try self.add(step, &source)
        }
        if self.shadows.count > Self.mostShadows || !self.isComplete { self.useWildcards() }
        self.known = []
        self.knownClients = []
        self.shadows = []
    }

    private mutating func add(_ step: Step, _ source: inout PlanSource) throws(ScenarioError) {
        if let match = step.options.awaited { self.add([match]) }
        switch step.kind {
        case .connect(let spec): if self.knownClients.insert(spec.client).inserted { self.clients.append(spec.client) }
        case .publish(let publication): self.add(publication, step.options.gates ?? [])
        case .expect(let expectation): self.add([expectation.match])
        case .never(let match, _): self.add([match])
        case .order(let matches, _, _): self.add(matches)
        case .react(let reaction):
            self.add([reaction.match])
            try self.add(reaction.body, atMost: 1, &source)
        case .block(let block):
            for body in block.bodies { try self.add(body, atMost: block.mostPasses, &source) }
        case .shadowIs(let check): self.add(.get, of: check.shadow, [.accepted, .rejected])
        case .disconnect, .drop, .subscribe, .unsubscribe, .clock, .mark, .note: break
        }
    }

    /// Reads passes until one brings nothing new.
    private mutating func add(_ body: StepBody, atMost most: Int, _ source: inout PlanSource) throws(ScenarioError) {
        for number in 0..<most {
            let before = self.known.count + self.knownClients.count
            var pass = StepPass(outlining: body, pass: number)
            while let step = try source.next(in: &pass, StepNumber(self.steps)) { try self.add(step, &source) }
            if number > 0, self.known.count + self.knownClients.count == before { return }
            if number == Self.mostPassesRead {
                self.isComplete = false
                return
            }
        }
    }

    private mutating func add(_ matches: [Match]) {
        for match in matches where match.client == nil {
            if let topic = match.topic { self.add(topic.string) }
        }
    }

    private mutating func add(_ publication: Publication, _ gates: Gates) {
        guard let request = publication.shadow else { return }
        var awaited: [ShadowTopic.Answer] = [.accepted, .rejected]
        if gates.contains(.documents) { awaited.append(.documents) }
        if gates.contains(.delta) { awaited.append(.delta) }
        self.add(request.operation, of: request.id, awaited)
        // Its version is read where it is not known.
        if publication.hasAutomaticVersion { self.add(.get, of: request.id, [.accepted, .rejected]) }
    }

    private mutating func add(_ operation: ShadowTopic.Operation, of id: ShadowID, _ awaited: [ShadowTopic.Answer]) {
        if self.shadows.count <= Self.mostShadows { self.shadows.insert(id) }
        for answer in awaited {
            self.answers.insert(Answer(isNamed: id.name != nil, operation: operation, answer: answer))
            if self.shadows.count <= Self.mostShadows { self.add(ShadowTopic(id: id, operation: operation, answer: answer).text) }
        }
    }

    private mutating func add(_ filter: String) {
        if self.known.insert(filter).inserted { self.filters.append(filter) }
    }

    /// One filter for each kind of answer, in place of those for single shadows.
    private mutating func useWildcards() {
        self.filters.removeAll { ShadowTopic($0) != nil }
        let wildcards = self.answers.map { answer in
            "\(ShadowTopic.prefix)+/shadow/\(answer.isNamed ? "name/+/" : "")\(answer.operation.text)/\(answer.answer.text)"
        }
        self.filters += wildcards.sorted()
    }
}

extension Block {
    fileprivate var mostPasses: Int {
        switch self.kind {
        case .par: 1
        case .repeat(.times(let times), _): times
        case .repeat(.during, _): Self.mostPasses
        }
    }
}
