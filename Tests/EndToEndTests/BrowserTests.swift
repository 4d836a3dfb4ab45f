import Foundation
import Testing

/// The main job in a real browser: Chromium, mqtt.js bundled for it, WebCrypto's signature, our CA trusted.
@Suite struct BrowserTests {
    private struct Step: Decodable {
        var event: String
        var ms: Int
        var topic: String?
        var keepAlive: Int?
        var status: Int?
        var message: String?
    }

    @Test func aPageSeesBothAnswersInOrderAndLearnsWhyAURLIsRefused() async throws {
        try await SundialProcess.run { sundial in
            let page = try Client.node("browser.js", ["localhost:\(sundial.doors.https.port)", sundial.doors.ca])
            try await page.end(within: .seconds(120))
            let steps = try page.lines.map { try JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
            #expect(steps.map(\.event) == ["connected", "subscribed", "answer", "answer", "explained"], "\(page.lines)")
            #expect(steps.first?.keepAlive == 30)
            let answers = steps.filter { $0.event == "answer" }
            #expect(answers.compactMap(\.topic) == ["test1", "test2"].map { "$aws/things/T_0000000001/shadow/name/\($0)/update/accepted" })
            let refusal = try #require(steps.last)
            #expect(refusal.status == 403)
            #expect(refusal.message?.contains("does not match") == true)
        }
    }
}
