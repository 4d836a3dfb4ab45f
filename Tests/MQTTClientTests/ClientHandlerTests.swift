import MQTTWire
import NIOCore
import NIOEmbedded
import Testing
import Timeline

@testable import MQTTClient

@Suite struct ClientHandlerTests {
    /// A handler on a channel without a socket, in virtual time.
    private struct Bench {
        let channel = EmbeddedChannel()
        let handler: ClientHandler
        let outlets: ClientHandler.Outlets

        init(_ url: String = "mqtt://localhost", _ change: (inout MQTTClientConfiguration) -> Void = { _ in }) throws {
            var configuration = MQTTClientConfiguration(endpoint: try ClientEndpoint(parsing: url))
            configuration.clientID = "c"
            change(&configuration)
            let key = Array("the sample nonce".utf8)
            let upgrade =
                configuration.endpoint.transport.isWebSocket
                ? UpgradeMachine(target: "/mqtt", host: "localhost", subprotocol: "mqtt", key: key) : nil
            self.handler = ClientHandler(configuration, upgrade: upgrade, eventLoop: self.channel.eventLoop)
            self.outlets = self.handler.outlets(of: self.channel)
            try self.channel.pipeline.syncOperations.addHandler(self.handler)
            try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func written() throws -> [UInt8]? {
            try self.channel.readOutbound(as: ByteBuffer.self).map { Array($0.readableBytesView) }
        }

        func receive(_ packet: AnyPacket, _ version: ProtocolVersion = .v311) throws {
            var buffer = ByteBuffer()
            packet.write(to: &buffer, version: version)
            try self.channel.writeInbound(buffer)
        }

        func receive(_ bytes: [UInt8]) throws {
            try self.channel.writeInbound(ByteBuffer(bytes: bytes))
        }

        /// Past CONNACK, with what was written taken away.
        static func connected(_ change: (inout MQTTClientConfiguration) -> Void = { _ in }) throws -> Bench {
            let bench = try Bench("mqtt://localhost", change)
            _ = try bench.written()
            try bench.receive(.connack(Connack()))
            return bench
        }
    }

    private func bytes(_ packets: AnyPacket...) -> [UInt8] {
        var buffer = ByteBuffer()
        for packet in packets { packet.write(to: &buffer, version: .v311) }
        return Array(buffer.readableBytesView)
    }

    @Test func connectLeavesAtOnceAndConnackGrants() throws {
        let bench = try Bench()
        #expect(try bench.written() == self.bytes(.connect(Connect(clientID: "c", keepAliveSeconds: 60))))
        try bench.receive(.connack(Connack(sessionPresent: true)))
        #expect(try bench.outlets.grant.wait().sessionPresent)
    }

    @Test func publishesOfOneTickLeaveInOneWrite() throws {
        let bench = try Bench.connected()
        let promises = (0..<3).map { _ in bench.channel.eventLoop.makePromise(of: PublishAcknowledgement.self) }
        for promise in promises { bench.handler.publish(ClientPublish(topic: "a", payload: [7]), promise) }
        #expect(try bench.written() == nil)
        bench.channel.embeddedEventLoop.run()
        let publish = AnyPacket.publish(OutgoingPublish(topic: [97], payload: [7]))
        #expect(try bench.written() == self.bytes(publish, publish, publish))
        #expect(try bench.written() == nil)
        for promise in promises { #expect(try promise.futureResult.wait().reason == .success) }
    }

    @Test func packetsSplitAnywhereAreReadWhole() async throws {
        let bench = try Bench.connected()
        for byte in self.bytes(.publish(OutgoingPublish(topic: "a/b", payload: "hello"))) { try bench.receive([byte]) }
        bench.handler.drop()
        var texts: [String] = []
        for await message in bench.outlets.messages { texts.append("\(message.topic) \(message.text)") }
        #expect(texts == ["a/b hello"])
    }

    @Test func aPingIsSentAndAwaited() throws {
        let bench = try Bench.connected()
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(try bench.written() == nil)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(try bench.written() == [0xC0, 0])
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(try bench.outlets.end.wait() == .failed(.timedOut("PINGRESP", after: .seconds(60))))
        #expect(!bench.channel.isActive)
    }

    @Test func messagesBeyondTheBufferAreDroppedAndCounted() async throws {
        let bench = try Bench.connected { $0.messageBufferLimit = 2 }
        for number in 0..<5 { try bench.receive(.publish(OutgoingPublish(topic: "t", payload: "\(number)"))) }
        #expect(bench.handler.droppedMessages == 3)
        bench.handler.drop()
        var texts: [String] = []
        for await message in bench.outlets.messages { texts.append(message.text) }
        #expect(texts == ["0", "1"])
    }

    @Test func malformedBytesEndTheConnection() throws {
        let bench = try Bench.connected()
        try bench.receive([0x00, 0x00])
        guard case .failed(.protocolViolation) = try bench.outlets.end.wait() else {
            Issue.record("not a violation")
            return
        }
        #expect(!bench.channel.isActive)
    }

    @Test func dropLeavesNoGoodbye() throws {
        let bench = try Bench.connected()
        let promise = bench.channel.eventLoop.makePromise(of: PublishAcknowledgement.self)
        bench.handler.publish(ClientPublish(topic: "a", payload: [7], qos: .atLeastOnce), promise)
        bench.handler.drop()
        #expect(try bench.written() == nil)
        #expect(!bench.channel.isActive)
        #expect(throws: MQTTClientError.closedByUs) { try promise.futureResult.wait() }
    }

    @Test func aSilentClientStaysConnectedAndNeitherSendsNorReads() async throws {
        let bench = try Bench.connected()
        let promise = bench.channel.eventLoop.makePromise(of: PublishAcknowledgement.self)
        bench.handler.publish(ClientPublish(topic: "a", payload: [7], qos: .atLeastOnce), promise)
        bench.handler.fallSilent()
        try bench.receive(.publish(OutgoingPublish(topic: "t", payload: "unheard", qos: .atLeastOnce, packetID: PacketID(1))))
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(600))
        #expect(try bench.written() == nil)
        #expect(bench.channel.isActive)
        bench.handler.drop()
        #expect(try bench.written() == nil)
        #expect(!bench.channel.isActive)
        #expect(throws: MQTTClientError.self) { try promise.futureResult.wait() }
        for await message in bench.outlets.messages { Issue.record("heard \(message.text)") }
    }

    @Test func aServerOfAnotherKindIsNamed() throws {
        let bench = try Bench()
        // A TLS alert.
        try bench.receive([0x15, 3, 1, 0, 2, 2, 70])
        let error = #expect(throws: MQTTClientError.self) { try bench.outlets.grant.wait() }
        #expect(error?.text.contains("TLS?") == true, "\(error?.text ?? "")")
    }

    @Test func disconnectSaysGoodbye() throws {
        let bench = try Bench.connected()
        bench.handler.disconnect(.normalDisconnection, sessionExpirySeconds: nil)
        #expect(try bench.written() == [0xE0, 0])
        #expect(try bench.outlets.end.wait() == .disconnected)
    }

    @Test func aServerThatClosesBeforeConnackIsNamed() throws {
        let bench = try Bench()
        bench.channel.pipeline.fireChannelInactive()
        let error = #expect(throws: MQTTClientError.self) { try bench.outlets.grant.wait() }
        #expect(error?.text.contains("before it answered CONNECT") == true)
    }

    @Test func connectLeavesInAMaskedFrameAfterTheUpgrade() throws {
        let bench = try Bench("ws://localhost")
        #expect(try bench.written().map { String(decoding: $0, as: UTF8.self) }?.hasPrefix("GET /mqtt HTTP/1.1\r\n") == true)
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        // CONNACK and a ping come in the same read as the upgrade's answer.
        try bench.receive(Array(answer.utf8) + [0x82, 4] + self.bytes(.connack(Connack())) + [0x89, 1, 5])
        let frame = try #require(try bench.written())
        let connect = self.bytes(.connect(Connect(clientID: "c", keepAliveSeconds: 60)))
        #expect(frame[0] == 0x82)
        #expect(frame[1] == 0x80 | UInt8(connect.count))
        #expect(frame[6...].enumerated().map { $1 ^ frame[2 + $0 % 4] } == connect)
        let pong = try #require(try bench.written())
        #expect(pong[0] == 0x8A)
        #expect(pong[6] ^ pong[2] == 5)
        _ = try bench.outlets.grant.wait()
    }

    @Test func aRefusedUpgradeFailsWithItsExplanation() throws {
        let bench = try Bench("ws://localhost")
        try bench.receive(Array("HTTP/1.1 403 Forbidden\r\nx-sundial-explanation: expired by 7 s\r\ncontent-length: 0\r\n\r\n".utf8))
        let error = #expect(throws: MQTTClientError.self) { try bench.outlets.grant.wait() }
        #expect(error?.text == "the server refused the WebSocket upgrade with HTTP 403 Forbidden: expired by 7 s")
        #expect(!bench.channel.isActive)
    }

    @Test func anUpgradeIsAwaitedForTheConnectTimeoutOnly() throws {
        let bench = try Bench("ws://localhost")
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(throws: MQTTClientError.timedOut("the answer to the WebSocket upgrade", after: .seconds(10))) {
            try bench.outlets.grant.wait()
        }
    }
}
