package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/bayplan/bayplan/ecs"
)

// instructions are those of a pause program, which ignores SIGCHLD, so that the kernel reaps what it inherits, and
// then waits for signals. The kernel's struct sigaction stands behind them.
func instructions(processor string) (machine uint16, text []byte, err error) {
	switch processor {
	case string(ecs.CPUArchitectureX8664):
		return 62, []byte{
			0xb8, 13, 0, 0, 0, // mov eax, 13 (rt_sigaction)
			0xbf, 17, 0, 0, 0, // mov edi, 17 (SIGCHLD)
			0x48, 0x8d, 0x35, 20, 0, 0, 0, // lea rsi, [rip+20] (the struct)
			0x31, 0xd2, // xor edx, edx
			0x41, 0xba, 8, 0, 0, 0, // mov r10d, 8
			0x0f, 0x05, // syscall
			0xb8, 34, 0, 0, 0, // mov eax, 34 (pause)
			0x0f, 0x05, // syscall
			0xeb, 0xf7, // jmp 9 bytes back
			0x90, // nop
		}, nil
	case string(ecs.CPUArchitectureArm64):
		for _, word := range []uint32{
			0xd28010c8, // mov x8, 134 (rt_sigaction)
			0xd2800220, // mov x0, 17 (SIGCHLD)
			0x10000181, // adr x1, 48 bytes on (the struct)
			0xd2800002, // mov x2, 0
			0xd2800103, // mov x3, 8
			0xd4000001, // svc 0
			0xd2800928, // mov x8, 73 (ppoll)
			0xd2800000, // mov x0, 0
			0xd2800001, // mov x1, 0
			0xd2800002, // mov x2, 0
			0xd2800003, // mov x3, 0
			0xd4000001, // svc 0
			0x17fffffa, // b 24 bytes back
			0xd503201f, // nop
		} {
			text = binary.LittleEndian.AppendUint32(text, word)
		}
		return 183, text, nil
	}
	return 0, nil, fmt.Errorf("there is none for the processor %s", processor)
}

// pauseProgram returns the executable file of Linux that pause containers run.
func pauseProgram(processor string) ([]byte, error) {
	const header, base = 64 + 56, 0x400000 // of the file and its one segment; where that is in memory
	machine, text, err := instructions(processor)
	if err != nil {
		return nil, err
	}
	text = append(text, 1)                   // SIG_IGN, the first word of the struct
	text = append(text, make([]byte, 31)...) // and the rest of it
	size := uint64(header + len(text))
	var file bytes.Buffer
	file.WriteString("\x7fELF\x02\x01\x01")
	file.Write(make([]byte, 9))
	for _, v := range []any{uint16(2), machine, uint32(1), uint64(base + header), uint64(64), uint64(0), uint32(0),
		uint16(64), uint16(56), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(1), uint32(5), uint64(0), uint64(base), uint64(base), size, size, uint64(0x1000)} {
		if err := binary.Write(&file, binary.LittleEndian, v); err != nil {
			return nil, err
		}
	}
	file.Write(text)
	return file.Bytes(), nil
}
