import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Pacing
import Runner
import Timeline

/// The events of a run as they happen, from the oldest that is kept: JSON Lines, or Server-Sent Events for who accepts those.
///
/// A reader that is slow is waited for without holding anybody else up; one that falls too far behind is told how many events it has
/// missed. When nothing happens, a sign of life is sent each second, by which readers that are gone are noticed.
struct RunEventStream: Sendable {
    private enum Form: Sendable { case lines, serverSent }

    private let service: RunService
    private let id: String
    private let form: Form
    private let start: Int

    private static let lifeSign = Duration.seconds(1)
    private static let lastEventID = HTTPField.Name.known("last-event-id")

    /// - Parameter request: `Last-Event-ID` or `?from=NUMBER` say where to read on.
    init(_ service: RunService, of id: String, for request: Request) throws(ServiceError) {
        self.service = service
        self.id = id
        self.form = request.headers[.accept]?.contains("text/event-stream") == true ? .serverSent : .lines
        if let last = request.headers[Self.lastEventID].flatMap({ Int($0) }) {
            self.start = last + 1
        } else {
            let from = try QueryParameters(target: request.head.path ?? "").integer("from", in: 0...(1 << 53))
            self.start = Int(from ?? 0)
        }
    }

    func answer() async throws -> Response {
        let first = try await RunOperations.answering { try await self.service.events(of: self.id, from: self.start, patience: .zero) }
        // By this an EventSource that comes back after the end knows that there is no more.
        if first.isLast, first.events.isEmpty { return Response(status: .noContent) }
        try await RunOperations.answering { try await self.service.readerCame(self.id) }
        var response = Response(
            status: .ok,
            headers: [.contentType: self.form == .lines ? "application/x-ndjson" : "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                do {
                    try await self.write(from: first, to: &writer)
                } catch {
                    await self.service.readerLeft(self.id)
                    throw error
                }
                await self.service.readerLeft(self.id)
                try await writer.finish(nil)
            })
        // Nothing on the way is to wait for more.
        response.headers[.known("x-accel-buffering")] = "no"
        return response
    }

    private func write(from first: RunEventPage, to writer: inout any ResponseBodyWriter) async throws {
        var page = first
        while true {
            let shown = page
            let text = await awayFromTheLoop { self.text(of: shown) }
            try await writer.write(ByteBuffer(string: text))
            if page.isLast { return }
            page = try await self.service.events(of: self.id, from: page.next, patience: Self.lifeSign)
        }
    }

    // MARK: Texts

    private func text(of page: RunEventPage) -> String {
        var text = ""
        if page.missed > 0 { text += self.text("missed", ["count": JSONValue(Int64(page.missed))], number: nil) }
        for (place, event) in page.events.enumerated() {
            let (name, facts) = event.document
            text += self.text(name, facts, number: page.first + place)
        }
        if text.isEmpty { text = self.text("alive", [:], number: nil) }
        return text
    }

    private func text(_ name: String, _ facts: JSONObject, number: Int?) -> String {
        var object: JSONObject = ["event": .string(name)]
        object["n"] = number.map { JSONValue(Int64($0)) }
        for (name, value) in facts { object[name] = value }
        let line = String(decoding: JSONValue.object(object).utf8, as: UTF8.self)
        switch self.form {
        case .lines: return line + "\n"
        case .serverSent: return (number.map { "id: \($0)\n" } ?? "") + "event: \(name)\ndata: \(line)\n\n"
        }
    }
}

extension RunEvent {
    /// Its name, and what it says beside.
    fileprivate var document: (name: String, facts: JSONObject) {
        var facts: JSONObject = ["at": JSONValue(self.at.wholeNanoseconds)]
        switch self.what {
        case .started:
            return ("started", facts)
        case .dispatched(let step):
            facts["step"] = ["id": .string(step.id), "line": JSONValue(Int64(step.line)), "verb": .string(step.verb)]
            return ("dispatched", facts)
        case .ended(let record):
            facts["step"] = record.document
            return (record.state.rawValue, facts)
        case .paused(let place):
            facts["before"] = place.map { .string($0) }
            return ("paused", facts)
        case .resumed:
            return ("resumed", facts)
        case .note(let text):
            facts["text"] = .string(text)
            return ("note", facts)
        case .finished(let state, let exitCode):
            facts["state"] = .string(state.rawValue)
            facts["exitCode"] = JSONValue(Int64(exitCode))
            return ("finished", facts)
        }
    }
}
