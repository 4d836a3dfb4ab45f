import JSON

/// Equal client tokens in two requests: at a remote target nothing else tells their answers apart. Source: scheduler §19.
struct TokenUse {
    private static let mostTokens = 10_000

    private let isRemote: Bool
    private var lines: [String: SourcePlace] = [:]

    init(isRemote: Bool) {
        self.isRemote = isRemote
    }

    mutating func look(at written: WrittenStep, _ findings: inout Findings) {
        guard self.isRemote, let publication = written.step.publication, publication.shadow != nil,
            case .json(let document, isLate: false) = publication.payload, let token = document["clientToken"]?.string
        else { return }
        let place = SourcePlace(file: written.text.file, line: written.step.line)
        if let former = self.lines[token] {
            let node = written.node[written.step.verb]?["token"] ?? written.node
            let fault = node.fault(
                "the request of \(former.text(from: place)) has the same token, so at a remote target their answers cannot be told apart",
                "give this one another token, or none")
            findings.add(.warning, written, fault)
        } else if self.lines.count < Self.mostTokens {
            self.lines[token] = place
        }
    }
}
