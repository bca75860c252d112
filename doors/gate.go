package doors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
	"golang.org/x/time/rate"

	"xunfang/models"
)

const checkLimit = 5 * time.Second // to look up a device's secret

// gate is the broker's only hook: who comes in, and what they may do. The library asks one hook
// after another until one says yes, so there is a single one, and it refuses by default.
type gate struct {
	mqtt.HookBase
	config BrokerConfig
	rates  sync.Map // *mqtt.Client → *rate.Limiter, devices only
	shown  sync.Map // device id → shownSecret, of those that are connected
	logger *slog.Logger
	logs   rate.Sometimes
}

// shownSecret is what a connected device got in by.
type shownSecret struct {
	client *mqtt.Client
	secret models.Secret
}

func newGate(config BrokerConfig) *gate {
	return &gate{config: config, logger: config.Logger, logs: rate.Sometimes{First: 3, Interval: logEvery}}
}

// ID names the hook to the library.
func (g *gate) ID() string { return "doors" }

// Provides lists the moments at which the library asks.
func (g *gate) Provides(moment byte) bool {
	return bytes.IndexByte([]byte{
		mqtt.OnPacketRead, mqtt.OnConnect, mqtt.OnConnectAuthenticate, mqtt.OnSessionEstablished,
		mqtt.OnACLCheck, mqtt.OnPublish, mqtt.OnDisconnect,
	}, moment) >= 0
}

// OnPacketRead makes every start a clean one: nobody inherits what an earlier connection left.
func (g *gate) OnPacketRead(_ *mqtt.Client, packet packets.Packet) (packets.Packet, error) {
	if packet.FixedHeader.Type == packets.Connect {
		packet.Connect.Clean = true
		packet.Properties.SessionExpiryInterval = 0
		packet.Properties.SessionExpiryIntervalFlag = false
	}
	return packet, nil
}

// OnConnect bounds the keep-alive and sends wills at once.
func (g *gate) OnConnect(client *mqtt.Client, _ packets.Packet) error {
	if client.State.Keepalive == 0 || client.State.Keepalive > maxKeepAlive {
		client.State.Keepalive = maxKeepAlive
		client.State.ServerKeepalive = true
	}
	client.Properties.Will.WillDelayInterval = 0
	return nil
}

// OnConnectAuthenticate lets in the server by its password and a device by its secret, a
// device only under its own client id: an equal client id would throw the other one out.
func (g *gate) OnConnectAuthenticate(client *mqtt.Client, packet packets.Packet) bool {
	refused := g.refusal(client.ID, packet)
	if refused != "" {
		g.logs.Do(func() {
			g.logger.Warn("broker refused a connection", "why", refused, "remote", client.Net.Remote)
		})
	}
	return refused == ""
}

func (g *gate) refusal(clientID string, packet packets.Packet) string {
	connect := packet.Connect
	user, secret := string(connect.Username), models.Secret(connect.Password)
	if packet.Properties.ReceiveMaximum > 0 && packet.Properties.ReceiveMaximum < minReceiveMaximum {
		return "receive maximum too small"
	}
	if user == g.config.ServerUser {
		_, err := models.ParseID(clientID)
		switch {
		case !equalSecrets(secret, g.config.ServerPassword):
			return "wrong server password"
		case err == nil || connect.WillFlag:
			return "the server has its own client id and no will"
		}
		return ""
	}
	deviceID, err := models.ParseID(user)
	switch {
	case err != nil || string(deviceID) != user:
		return "no account"
	case clientID != user:
		return "client id is not the user name"
	case connect.WillFlag && connect.WillTopic != deviceTopic(deviceID, leafBye):
		return "will on another topic" // the library sends wills without asking OnACLCheck
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkLimit)
	defer cancel()
	if secret == "" || !g.config.CheckDevice(ctx, deviceID, secret) {
		return "wrong secret"
	}
	return ""
}

// OnSessionEstablished ends the time for signing in.
func (g *gate) OnSessionEstablished(client *mqtt.Client, connect packets.Packet) {
	if guest, ok := client.Net.Conn.(*visitor); ok {
		guest.admitted()
	}
	if string(client.Properties.Username) != g.config.ServerUser {
		g.shown.Store(models.ID(client.ID), shownSecret{client, models.Secret(connect.Connect.Password)})
		each := g.config.Limits.MessagesPerSecond
		g.rates.Store(client, rate.NewLimiter(rate.Limit(each), 5*each))
	}
}

// OnDisconnect forgets the client, and not one that has taken its place.
func (g *gate) OnDisconnect(client *mqtt.Client, _ error, _ bool) {
	g.rates.Delete(client)
	shown, known := g.shown.Load(models.ID(client.ID))
	if known && shown.(shownSecret).client == client { //nolint:forcetypeassert // as stored
		g.shown.CompareAndDelete(models.ID(client.ID), shown)
	}
}

// OnACLCheck is asked with the topic of a publication, the filter of a subscription, and the
// topic of each delivery; the latter two are reading.
func (g *gate) OnACLCheck(client *mqtt.Client, topic string, write bool) bool {
	user := string(client.Properties.Username)
	if user == g.config.ServerUser {
		return serverMay(topic, write)
	}
	return deviceMay(models.ID(user), topic, write)
}

// deviceMay compares whole topics, so that no wildcard, share or prefix has to be thought of.
func deviceMay(deviceID models.ID, topic string, write bool) bool {
	if !write {
		return topic == deviceTopic(deviceID, leafCommands)
	}
	return slices.ContainsFunc(reportLeaves(), func(leaf string) bool {
		return topic == deviceTopic(deviceID, leaf)
	})
}

func serverMay(topic string, write bool) bool {
	if topic == topicPing {
		return true
	}
	if leaf, every := strings.CutPrefix(topic, topicRoot+"+/"); every {
		return !write && slices.Contains(reportLeaves(), leaf)
	}
	_, leaf, ok := splitTopic(topic)
	if write {
		return ok && leaf == leafCommands
	}
	return ok && slices.Contains(reportLeaves(), leaf)
}

// OnPublish refuses what would be retained, and a device that talks too much. The library
// lets a publication of QoS 0 pass on any error but ErrRejectPacket.
func (g *gate) OnPublish(client *mqtt.Client, packet packets.Packet) (packets.Packet, error) {
	refused := packets.CodeSuccess
	limiter, limited := g.rates.Load(client)
	switch {
	case packet.FixedHeader.Retain:
		refused = packets.ErrNotAuthorized
	case limited && !limiter.(*rate.Limiter).Allow(): //nolint:forcetypeassert // only limiters are stored
		refused = packets.ErrQuotaExceeded
	default:
		return packet, nil
	}
	g.logs.Do(func() {
		g.logger.Warn("broker refused a message", "why", refused.Reason, "client", client.ID, "topic", packet.TopicName)
	})
	if packet.FixedHeader.Qos == 0 {
		return packet, packets.ErrRejectPacket
	}
	return packet, refused
}

// equalSecrets compares in the same time whatever the lengths.
func equalSecrets(given, want models.Secret) bool {
	left, right := sha256.Sum256([]byte(given.Reveal())), sha256.Sum256([]byte(want.Reveal()))
	return subtle.ConstantTimeCompare(left[:], right[:]) == 1
}
