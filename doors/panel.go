package doors

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"xunfang/models"
)

// Message is one message on its way, whatever carries it.
type Message struct {
	Topic    string
	Payload  []byte
	Retained bool // it comes from a broker's memory
}

// PanelConfig is what a panel is made of.
type PanelConfig struct {
	DeviceID models.ID
	DoorIDs  []models.ID
	Verify   func(jws string) ([]byte, error) // checks a command's signature and gives its payload
	Judge    func(command Command, state State, now time.Time) Verdict
	Now      func() time.Time     // the controller's own clock
	Elapsed  func() time.Duration // time that goes by, whatever the clock is set to; nil: see newSteps
	Relay    func(doorID, commandID models.ID)
	Logger   *slog.Logger
}

// Panel is what a controller decides, without the connection that messages come by: Controller gives it a real
// one, and bench/hostile a broker that does its worst.
type Panel struct {
	config PanelConfig

	mutex  sync.Mutex
	nonce  string
	steps  *steps
	memory *memory
	pulses map[models.ID]int // as long as memory has the id
}

// NewPanel switches a panel on: it remembers nothing and has no session. Without Judge it keeps to the protocol.
func NewPanel(config PanelConfig) *Panel {
	if config.Judge == nil {
		config.Judge = Judge
	}
	return &Panel{
		config: config, steps: newSteps(config.Now, config.Elapsed), memory: newMemory(memoryLimit),
		pulses: map[models.ID]int{},
	}
}

// Begin begins a session: whatever was signed for an earlier one is worthless from here on.
func (p *Panel) Begin(nonce string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.nonce = nonce
	p.steps.begin()
}

// Nonce is that of the session; "" when there is none.
func (p *Panel) Nonce() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.nonce
}

// Lapsed says whether the session is over because the clock was set: a command of that session that was held
// back on its way could look fresh now. The controller has to connect again.
func (p *Panel) Lapsed() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.lapsed()
}

func (p *Panel) lapsed() bool {
	if p.nonce != "" && p.steps.set() {
		p.nonce = ""
	}
	return p.nonce == ""
}

// Hello is the first message of the session, and the one that is said again.
func (p *Panel) Hello() (Message, error) {
	payload, err := hello{p.config.DeviceID, p.Nonce(), simulated, p.config.Now()}.encode()
	return Message{Topic: deviceTopic(p.config.DeviceID, leafHello), Payload: payload}, err
}

// Bye is the last message of the session, and the will.
func (p *Panel) Bye() (Message, error) {
	payload, err := bye{p.config.DeviceID, p.Nonce()}.encode()
	return Message{Topic: deviceTopic(p.config.DeviceID, leafBye), Payload: payload}, err
}

// Receive handles one command and gives the answer. false: silence. What is not signed by the server gets no
// answer at all: it would tell a stranger that somebody listens, and what for.
func (p *Panel) Receive(message Message) (Message, bool) {
	if message.Retained || len(message.Payload) > maxMessage {
		return Message{}, false
	}
	payload, err := p.config.Verify(string(message.Payload))
	if err != nil {
		p.config.Logger.Info("command without a good signature", "error", err)
		return Message{}, false
	}
	command, err := decodeCommand(payload)
	if err != nil {
		p.config.Logger.Info("command not understood", "error", err)
		return Message{}, false
	}
	answer, err := p.act(command).encode()
	if err != nil {
		return Message{}, false
	}
	return Message{Topic: deviceTopic(p.config.DeviceID, leafAcks), Payload: answer}, true
}

// act judges a command and, if it holds, pulses the relay: the id is remembered first, so that
// nothing that happens afterwards can make it pulse twice.
func (p *Panel) act(command Command) Ack {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.lapsed()
	now := p.config.Now()
	verdict := p.config.Judge(command, State{
		DeviceID: p.config.DeviceID, DoorIDs: p.config.DoorIDs, Nonce: p.nonce,
		Acted: p.memory.acked, Full: p.memory.full(now),
	}, now)
	if !verdict.Act {
		return verdict.Answer
	}
	answer := Ack{ID: command.ID, DoorID: command.DoorID, Result: ResultFailed, Reason: ReasonRelay, At: now}
	p.memory.remember(command, answer)
	if err := p.pulse(command); err != nil {
		p.config.Logger.Error("relay failed", "error", err)
		return answer
	}
	answer.Result, answer.Reason, answer.At = ResultOpened, "", p.config.Now()
	p.memory.remember(command, answer)
	return answer
}

func (p *Panel) pulse(command Command) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("doors: relay: %v", cause)
		}
	}()
	p.config.Relay(command.DoorID, command.ID)
	for id := range p.pulses {
		if _, known := p.memory.acked[id]; !known {
			delete(p.pulses, id)
		}
	}
	p.pulses[command.ID]++
	return nil
}

// count is how often a command has moved the relay.
func (p *Panel) count(commandID models.ID) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.pulses[commandID]
}
