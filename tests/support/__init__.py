"""What tests of several packages share: sample bulletins and libraries, fakes, servers, clients and a browser."""
