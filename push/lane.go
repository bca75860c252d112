package push

import (
	"slices"
	"sync"
	"time"

	"xunfang/models"
)

// reservedShare of a lane's slots is kept for emergencies: a backlog of anything else never takes them.
const reservedShare = 8 // one in so many

// ChannelStats is how one channel does.
type ChannelStats struct {
	Channel  string
	Circuit  CircuitState
	UnderWay int
}

// lane is one channel's own slots and circuit: a provider that is slow or away fills these, and no other's.
type lane struct {
	channels []string // the word of its channel; those that this process has not, in the lane of the rest
	slots    int      // attempts under way at once
	reserved int      // of them, for emergencies alone
	used     int
	dry      bool // nothing more was due at the last look
	circuit  Circuit
}

// lanes are a worker's. Only the one who claims begins; those who make attempts end.
type lanes struct {
	mutex sync.Mutex
	all   map[string]*lane
	names []string // in order; the last is "", the rest
}

func newLanes(channels map[string]Channel, slots int) *lanes {
	made, rest := &lanes{all: map[string]*lane{}}, []string{}
	for kind := range channels {
		if name := models.ChannelOf(kind); made.all[name] == nil {
			made.all[name] = &lane{channels: []string{name}, slots: slots, reserved: slots / reservedShare}
			made.names = append(made.names, name)
		}
	}
	slices.Sort(made.names)
	for _, name := range models.Channels {
		if made.all[name] == nil {
			rest = append(rest, name)
		}
	}
	made.all[""] = &lane{channels: rest, slots: slots}
	made.names = append(made.names, "")
	return made
}

func (l *lanes) of(delivery Delivery) *lane {
	if found := l.all[models.ChannelOf(delivery.Kind)]; found != nil {
		return found
	}
	return l.all[""]
}

// shares are what to claim. With look, somebody may have queued an emergency, and every lane with a slot is asked; else only
// those that are known to have more, and room enough that a claim is worth its transaction.
func (l *lanes) shares(look bool, batch int, now time.Time) []models.DeliveryShare {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	shares := []models.DeliveryShare{}
	for _, name := range l.names {
		one := l.all[name]
		if look {
			one.dry = false
		}
		limit := min(one.circuit.Room(one.slots-one.used, now), batch)
		ordinary := max(0, min(limit, one.slots-one.used-one.reserved))
		if ordinary < min(limit, max(1, (one.slots-one.reserved)/4)) {
			ordinary = 0
		}
		if limit <= 0 || one.dry || ordinary == 0 && !look || len(one.channels) == 0 {
			continue
		}
		shares = append(shares, models.DeliveryShare{Channels: one.channels, Limit: limit, Ordinary: ordinary})
	}
	return shares
}

// begin takes the slots of what was claimed, and notes which lanes have no more. More than was asked for is left to its lease.
func (l *lanes) begin(shares []models.DeliveryShare, claimed []Delivery) []Delivery {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	took, begun := map[*lane]int{}, make([]Delivery, 0, len(claimed))
	for _, delivery := range claimed {
		one := l.of(delivery)
		if one.used >= one.slots {
			continue
		}
		one.used++
		took[one]++
		one.circuit = one.circuit.Begin(delivery.ID)
		begun = append(begun, delivery)
	}
	for _, share := range shares {
		one := l.all[share.Channels[0]]
		if one == nil {
			one = l.all[""]
		}
		one.dry = share.Ordinary > 0 && took[one] < share.Ordinary // emergencies alone say nothing of the others
	}
	return begun
}

// ended tells the circuit how an attempt ended, and says whether the attempt counts and what became of the circuit.
func (l *lanes) ended(delivery Delivery, outcome Outcome, now time.Time) (counted bool, before, after CircuitState) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	one := l.of(delivery)
	before = one.circuit.State()
	one.circuit, counted = one.circuit.Ended(delivery.ID, outcome, now)
	return counted, before, one.circuit.State()
}

// free gives a slot back.
func (l *lanes) free(delivery Delivery) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.of(delivery).used--
}

func (l *lanes) stats() []ChannelStats {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	stats := []ChannelStats{}
	for _, name := range l.names {
		if one := l.all[name]; name != "" {
			stats = append(stats, ChannelStats{name, one.circuit.State(), one.used})
		}
	}
	return stats
}
