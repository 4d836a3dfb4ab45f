import Foundation
import FoundationXML
import JSON
import Testing
import Timeline

@testable import Pacing

/// JUnit XML as CI servers read it. Scheduler §14.
@Suite struct JUnitReportTests {
    private static func report() throws -> RunReport {
        let shell = try VirtualShell(
            """
            {"scenario":1,"name":"a <\\"pair\\"> & more\\u0007"}
            {"connect":{"client":"app"}}
            {"id":"a<1>","as":"app","update":{"thing":"T","reported":{}}}
            {"id":"b","as":"app","update":{"thing":"T","reported":{}}}
            {"id":"c","as":"app","skip":true,"pub":{"topic":"t","payload":1}}
            """)
        shell.respond = {
            .init(
                answerDelay: .milliseconds(1500),
                answer: $0.id == "b" ? .rejected(code: 400, message: "bad\u{0}\u{1B}[1m ]]> \u{FFFF}é😀\r\n\t") : .accepted(version: 1))
        }
        return shell.run()
    }

    @Test func aRunIsASuiteAndAStepACase() throws {
        let suites = try JUnitDocument(try Self.report().written(.junit)).suites
        let suite = try #require(suites.first)
        #expect(suites.count == 1)
        #expect(suite["name"] == "a <\"pair\"> & more\\u{7}")
        #expect(suite["tests"] == "4" && suite["failures"] == "1" && suite["errors"] == "0" && suite["skipped"] == "1")
        #expect(suite["time"] == "3.000")
        let cases = suite.children.filter { $0.name == "testcase" }
        #expect(cases.map { $0["name"] } == ["connect1", "a<1>", "b", "c"])
        #expect(cases.map { $0["classname"] } == Array(repeating: suite["name"], count: 4))
        #expect(cases.map { $0["time"] } == ["0.000", "1.500", "1.500", "0.000"])
        #expect(cases.map { $0.children.map(\.name) } == [[], [], ["failure"], ["skipped"]])
        #expect(suite.children.first?.name == "properties")
        #expect(suite.children.last?.name == "system-out")
        #expect(suite.children.last?.text.hasPrefix("order: 2 steps, 0 subscribers, 0 inversions") == true)
    }

    @Test func whatXMLCannotHoldIsWrittenInWords() throws {
        let report = try Self.report()
        let suite = try #require(try JUnitDocument(report.written(.junit)).suites.first)
        let failure = try #require(suite.children.first { $0["name"] == "b" }?.children.first)
        let spelt = #""bad\u{0}\u{1B}[1m ]]> \u{FFFF}é😀"#
        #expect(failure["message"] == "awaited accepted within 5 s of its dispatch at 1.5 s; got rejected 400 \(spelt)\r\n\t\"")
        #expect(failure["type"] == "update")
        #expect(failure.text.hasPrefix("step b (update, line 4) failed\n  topic    $aws/things/T/shadow/update\n"))
        #expect(failure.text.contains("got      rejected 400 \(spelt)\r\n\t\"\n"))
    }

    @Test func aRunThatEndedEarlyIsNoSuccess() throws {
        let shell = try VirtualShell("{\"scenario\":1,\"timeLimit\":\"1s\"}\n{\"at\":\"5s\",\"note\":\"x\"}")
        let report = shell.run()
        #expect(report.state == .incomplete)
        let suite = try #require(try JUnitDocument(report.written(.junit)).suites.first)
        #expect(suite["name"] == "scenario" && suite["tests"] == "2" && suite["failures"] == "1" && suite["skipped"] == "1")
        let cases = suite.children.filter { $0.name == "testcase" }
        #expect(cases.last?["name"] == "run" && cases.last?.children.first?["message"] == "the run is incomplete")
        #expect(cases.first?.children.first?["message"] == "cancelled: the run's time limit of 1 s came first")
    }

    @Test func aLongRunHasSeveralSuitesEachWithItsCounts() throws {
        var report = try Self.report()
        let step = try #require(report.steps.first { $0.id == "b" })
        report.steps = Array(repeating: step, count: 11)
        var writer = ReportWriter(JUnitReport(casesPerSuite: 10))
        var bytes: [UInt8] = []
        writer.write(report, into: &bytes)
        let suites = try JUnitDocument(bytes).suites
        #expect(suites.map { $0["failures"] } == ["10", "1"])
        #expect(suites.map { $0["name"]?.hasSuffix(" (2)") } == [false, true])
        #expect(suites.map { $0.children.last?.name } == ["testcase", "system-out"])
    }
}

/// A JUnit document as elements.
private final class JUnitDocument: NSObject, XMLParserDelegate {
    final class Element {
        let name: String
        let attributes: [String: String]
        var text = ""
        var children: [Element] = []

        init(_ name: String, _ attributes: [String: String]) {
            self.name = name
            self.attributes = attributes
        }

        subscript(attribute: String) -> String? { self.attributes[attribute] }
    }

    private let root = Element("", [:])
    private var open: [Element] = []

    init(_ bytes: [UInt8]) throws {
        super.init()
        self.open = [self.root]
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = self
        guard parser.parse() else { throw try #require(parser.parserError) }
    }

    var suites: [Element] { self.root.children.first?.children ?? [] }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
    ) {
        let element = Element(name, attributes)
        self.open.last?.children.append(element)
        self.open.append(element)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        self.open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        self.open.last?.text += text
    }
}
