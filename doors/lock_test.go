package doors

import (
	"testing"
	"time"

	"xunfang/models"
)

// Leaving and the fire exit need nobody: the server goes away, then the broker, then the controller itself.
func TestLeavingNeedsNobody(t *testing.T) {
	broker := embedded(t, nil)
	r := newRig(t, "mqtt://"+broker.Address())
	config, hangs := r.controllerConfig(deviceA, secretA, doorA1, doorA2), make(chan struct{})
	config.Relay = func(door, _ models.ID) {
		if door == doorA2 {
			<-hangs
		}
	}
	config.Pulse = 50 * time.Millisecond
	controller := r.switchOn(config)
	lock := controller.Lock(doorA1)
	if controller.Lock(doorB1) != nil {
		t.Error("it has the lock of a door that is not its own")
	}
	leaves(t, "all is well", lock)
	r.opens(controller, r.command(doorA1))
	eventually(t, "the relay lets go", func() bool { return !lock.Released() })

	command := r.command(doorA2) // the controller's program hangs, with its lock taken
	if err := r.link.Send(t.Context(), deviceA, command); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the controller hangs", func() bool {
		if controller.panel.mutex.TryLock() {
			controller.panel.mutex.Unlock()
			return false
		}
		return true
	})
	leaves(t, "the controller hangs", lock)
	close(hangs)
	broker.Close()
	eventually(t, "no broker, no server", func() bool { return r.link.Ready() != nil && !controller.Ready() })
	leaves(t, "no broker, no server", lock)
	controller.Stop(false)
	leaves(t, "the controller has no power", lock)

	never, err := NewController(config)
	if err != nil {
		t.Fatal(err)
	}
	leaves(t, "a controller that was never switched on", never.Lock(doorA1))
}

// leaves tries all the ways out of a door that is shut.
func leaves(t *testing.T, when string, lock *Lock) {
	t.Helper()
	if lock.Released() {
		t.Fatalf("%s: the door stood open before anything was pressed", when)
	}
	pressed := lock.Presses()
	letGo := lock.PressExit()
	if !lock.Released() || lock.Presses() != pressed+1 {
		t.Errorf("%s: the exit button did not open", when)
	}
	letGo()
	lock.Fire(true)
	if !lock.Released() {
		t.Errorf("%s: the fire alarm did not open", when)
	}
	lock.Fire(false)
	lock.Supply(false)
	if !lock.Released() {
		t.Errorf("%s: without current the lock held", when)
	}
	if lock.Supply(true); lock.Released() {
		t.Errorf("%s: the door did not shut again", when)
	}
}

// A pulse can release the lock and never hold it shut: not during a fire, and not while somebody leaves.
func TestARelayNeverShutsADoor(t *testing.T) {
	lock := &Lock{}
	lock.Fire(true)
	letGo := lock.PressExit()
	lock.Pulse(time.Millisecond)
	lock.Pulse(time.Millisecond)
	eventually(t, "the relay lets go", func() bool { return lock.relay.Load() == 0 })
	if !lock.Released() {
		t.Error("the end of a pulse shut a door during a fire")
	}
	lock.Fire(false)
	if !lock.Released() {
		t.Error("the end of the alarm shut the door in front of somebody who leaves")
	}
	if letGo(); lock.Released() {
		t.Error("the door stays open")
	}
}
