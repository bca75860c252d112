package push

import (
	"sync"
	"time"
)

// knownGood remembers which shapes of messages Firebase has taken of late. INVALID_ARGUMENT can mean the token or the message;
// only where the same shape went through for others is it the token's.
type knownGood struct {
	mutex sync.Mutex
	taken map[messageShape]time.Time
}

// messageShape is all in which two messages of ours can differ but for their ids, times and addresses.
type messageShape struct{ kind, severity, platform, locale string }

const (
	knownGoodFor  = time.Hour
	maxGoodShapes = 1000
)

func shapeOf(message Message) messageShape {
	return messageShape{message.Kind, message.Severity, message.Platform, message.Locale}
}

func (k *knownGood) note(message Message, now time.Time) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.taken == nil || len(k.taken) >= maxGoodShapes {
		k.taken = map[messageShape]time.Time{}
	}
	k.taken[shapeOf(message)] = now
}

func (k *knownGood) holds(message Message, now time.Time) bool {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	at, taken := k.taken[shapeOf(message)]
	return taken && now.Sub(at) < knownGoodFor
}
