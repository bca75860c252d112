package doors

import (
	"strings"

	"xunfang/models"
)

// The topics below one device. A number in front of them counts versions of the protocol:
// messages refuse unknown fields, so a new field is a new version.
const (
	topicRoot    = "xunfang/v1/devices/"
	leafCommands = "commands" // server → device
	leafHello    = "hello"    // device → server, and the three below too
	leafBye      = "bye"
	leafAcks     = "acks"
	leafEvents   = "events"

	topicPing = "xunfang/v1/server/ping" // the server to itself, to time the broker
)

// reportLeaves are the topics that a device writes and the server reads.
func reportLeaves() []string { return []string{leafHello, leafBye, leafAcks, leafEvents} }

func deviceTopic(deviceID models.ID, leaf string) string {
	return topicRoot + string(deviceID) + "/" + leaf
}

// splitTopic reads the device and the leaf of an exact device topic. Only the canonical
// form of the id is taken: two spellings of one topic would be two topics to a broker.
func splitTopic(topic string) (deviceID models.ID, leaf string, ok bool) {
	rest, ok := strings.CutPrefix(topic, topicRoot)
	if !ok {
		return "", "", false
	}
	name, leaf, ok := strings.Cut(rest, "/")
	if !ok {
		return "", "", false
	}
	deviceID, err := models.ParseID(name)
	if err != nil || string(deviceID) != name {
		return "", "", false
	}
	return deviceID, leaf, true
}
